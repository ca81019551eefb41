"""Test numbers as people read them."""

from __future__ import annotations

import pytest

from harness.util.format import about, duration, percent, significant, size


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (61_936.4, "61,900"),
        (0.012345, "0.0123"),
        (5, "5.00"),
        (999.9, "1,000"),
        (99.96, "100"),
        (0, "0"),
        (1234567, "1,230,000"),
        (3.14159e-7, "0.000000314"),
    ],
)
def test_numbers_have_three_significant_figures(value, text):
    assert significant(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (19_260, "5 h 21 min"),
        (3_600, "1 h 00 min"),
        (125.2, "2 min 05 s"),
        (119.9, "120 s"),
        (31.2e-3, "31.2 ms"),
        (0.9996e-3, "1,000 µs"),
        (4.1e-8, "41.0 ns"),
        (1.0, "1.00 s"),
    ],
)
def test_durations_have_the_unit_that_people_read(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (45_000, "12 h"),
        (17_400, "4 h 50 min"),
        (3_700, "1 h"),
        (3_590, "1 h"),
        (730, "12 min"),
        (596, "10 min"),
        (154, "2 min 30 s"),
        (119.6, "120 s"),
        (2.09, "2.1 s"),
        (0.9996, "1.0 s"),
        (0.0312, "31 ms"),
    ],
)
def test_rough_durations_have_two_significant_figures(seconds, text):
    assert about(seconds) == text


@pytest.mark.parametrize(("size_bytes", "text"), [(512, "512 B"), (16_936, "16.5 KiB"), (3 * 2**30, "3.00 GiB")])
def test_sizes_are_in_binary_units(size_bytes, text):
    assert size(size_bytes) == text


def test_shares_are_percentages():
    assert percent(0.4045) == "40.5%"
