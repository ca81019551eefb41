"""Test the Go benchmark format."""

from __future__ import annotations


def test_properties_that_may_not_be_mixed_are_keys(read):
    lines = read("benchstat")

    assert [line for line in lines if line[:1].islower()] == [
        "cpu: Toy CPU",
        "chip: Toy CPU (AVX2)",
        "backend: native",
    ]


def test_each_call_is_a_line(read):
    calls = [line for line in read("benchstat") if "/rung=interchange/" in line]

    assert calls == [
        f"BenchmarkProduct/language=toy/rung=interchange/n=64-2 1 400000{digit} ns/op" for digit in (1, 3, 7, 5)
    ]


def test_an_estimate_has_a_name_of_its_own(read):
    [estimate] = [line for line in read("benchstat") if "/rung=naive/" in line]

    assert estimate == "BenchmarkProduct/language=toy/rung=naive/n=64/estimated=16-of-64-rows-2 1 123456789 ns/op"
