"""Test what is read from the program that measures the peak of a device."""

from __future__ import annotations

import pytest

from harness.measure.device_peak import best_device_rates, checked, parse_device_peak
from harness.measure.observation import with_device_peaks
from harness.model.job import Absent
from harness.model.machine import DevicePeak
from tests import factories

PRINTED = "device Abacus 9\ndriver v1\nfloat64 FMA 1000.5\nfloat64 mma 2000\nmemory 900.25\nclocks 0.99\n"


def test_rates_are_read_by_their_ways():
    assert parse_device_peak(PRINTED) == DevicePeak("Abacus 9", {"FMA": 1000.5, "mma": 2000.0}, 900.25, 0.99)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("memory 900.25\n", "", "printed no line that begins with memory"),
        ("float64 FMA 1000.5\nfloat64 mma 2000\n", "", "printed no line that begins with float64"),
        ("FMA 1000.5", "FMA fast", "printed 'fast' after float64 where a number above 0 was expected"),
        ("900.25", "inf", "printed 'inf' after memory where a number above 0 was expected"),
        ("0.99", "-1", "printed '-1' after clocks where a number above 0 was expected"),
    ],
)
def test_line_that_is_missing_or_wrong_is_named(before, after, reason):
    with pytest.raises(ValueError, match=reason):
        parse_device_peak(PRINTED.replace(before, after))


@pytest.mark.parametrize("ratio", [0.4, 1.02])
def test_rates_by_a_wrong_clock_do_not_count(ratio):
    peak = checked(factories.device_peak({"FMA": 1.0}, clock_ratio=ratio))

    assert peak == Absent(f"by its own clock, Tensor Unit 9 computed for {ratio} of the time that the host waited")


def test_each_rate_is_the_better_of_two_measurements():
    now = factories.device_peak({"FMA": 10.0, "mma": 25.0}, memory_gbs=5.0)
    earlier = factories.device_peak({"FMA": 12.0, "mma": 20.0}, memory_gbs=6.0)

    assert best_device_rates(now, earlier) == factories.device_peak({"FMA": 12.0, "mma": 25.0}, memory_gbs=6.0)


def test_rates_of_another_device_do_not_count():
    now, other = factories.device_peak({"FMA": 10.0}), factories.device_peak({"FMA": 12.0}, device="B")

    assert best_device_rates(now, other) == now


def test_peak_that_is_missing_is_noted_once():
    record = factories.run_record(kernels=(factories.kernel_record("cuda/packed"),), peak=factories.peak({1: 1.0}))
    missing = {"cuda": Absent("no unit here")}

    record = with_device_peaks(with_device_peaks(record, missing), missing)

    [note] = record.notes
    assert (note.code, record.peak.devices) == ("no-device-peak", {})
    assert note.observation == "the peak of the device of Cuda was not measured: no unit here"
