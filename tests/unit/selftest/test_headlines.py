"""Test how the headlines of two runs are compared."""

from __future__ import annotations

from harness.selftest.headlines import case_of

NOISE = [0.97, 1.0, 1.02, 0.99, 1.01, 1.03]


def speedups(value: float) -> dict[int, float]:
    return {number: value * factor for number, factor in enumerate(NOISE, 1)}


def test_headlines_that_differ_by_noise_agree():
    assert case_of(speedups(8000), speedups(8050), 0.05, "c/packed", 0.95).covered


def test_headlines_that_differ_by_more_do_not():
    assert not case_of(speedups(8000), speedups(9000), 0.05, "c/packed", 0.95).covered
