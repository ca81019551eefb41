"""Test what a row tells of its kernel's device."""

from __future__ import annotations

from dataclasses import replace

from harness.analysis.device import device_of
from harness.analysis.plausibility import plausibility_failures
from harness.model.result import OnDevice
from tests import factories


def launch(number, device_ns, times_ns=(50, 40, 40), device="A", driver="1"):
    """Return a launch on a device, whose calls took these times there."""
    samples = factories.launch(times_ns, number)
    return [
        replace(sample, device=device, driver=driver, device_ns=ns)
        for sample, ns in zip(samples, device_ns, strict=True)
    ]


def test_kernel_of_the_processors_has_no_device():
    assert device_of([factories.launch([50, 40])], 1.0, False) is None


def test_time_on_the_device_leaves_out_the_first_call():
    launches = [launch(0, (45, 20, 30)), launch(1, (45, 30, 40)), launch(2, (45, 21, 31))]

    assert device_of(launches, 2.0, False) == OnDevice("A", "1", 2.0 * 26 / 40)


def test_time_on_the_device_is_unknown_for_an_estimate():
    assert device_of([launch(0, (45, 20, 30))], 1.0, True) == OnDevice("A", "1", None)


def test_device_that_tells_no_time_has_none():
    assert device_of([launch(0, (0, 0, 0))], 1.0, False) == OnDevice("A", "1", None)


def test_two_devices_in_one_row_are_both_named():
    assert device_of([launch(0, (1, 1, 1)), launch(1, (1, 1, 1), device="B")], 1.0, False).name == "A and B"


def test_more_time_on_the_device_than_in_the_call_is_caught():
    times_ns = (50e6, 40e6, 40e6)
    samples = launch(0, (45_000_000, 44_000_000, 40_000_000), times_ns)

    [failed] = plausibility_failures(samples, 64, 1)

    assert failed.check == "device-clock"
    assert failed.observation == "reports 44000000 ns on its device in a call of 40000000 ns"


def test_as_much_time_on_the_device_as_in_the_call_is_not():
    assert plausibility_failures(launch(0, (50_000_000, 40_000_000, 40_100_000), (50e6, 40e6, 40e6)), 64, 1) == ()
