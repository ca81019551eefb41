"""Compute what a row tells of the device on which its kernel computed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from harness.analysis.estimate import launch_median
from harness.model.kernel import Kernel
from harness.model.machine import Peak
from harness.model.result import OnDevice
from harness.model.sample import Sample


def device_of(launches: Sequence[Sequence[Sample]], time_s: float, estimated: bool) -> OnDevice | None:
    """Return the device that a kernel's launches name, and its part of the row's time; None for one that names none.

    The part is the median over launches of the ratio of the device's time to the call's, so that it depends on no
    disturbance that both have. It is not known for an estimate, nor where a call has no time on the device.
    """
    samples = [sample for launch in launches for sample in launch]
    names = list(dict.fromkeys(sample.device for sample in samples if sample.device))
    if not names:
        return None
    drivers = list(dict.fromkeys(sample.driver for sample in samples if sample.driver))
    known = not estimated and all(sample.device_ns for sample in samples)
    on_device_s = time_s * median(_device_median(launch) / launch_median(launch) for launch in launches)
    return OnDevice(" and ".join(names), " and ".join(drivers), on_device_s if known else None)


def device_gflops(kernel: Kernel, peak: Peak | None) -> float | None:
    """Return the measured float64 peak of the device that a kernel computes on; None for one that multiplies bytes."""
    device = peak.devices.get(kernel.language) if peak and kernel.on_gpu and not kernel.int8_products else None
    return device.best_gflops if device else None


def with_device_share(device: OnDevice | None, n: int, peak_gflops: float | None) -> OnDevice | None:
    """Return the device with the rate of a product of n x n in its own time, as a share of its peak."""
    if device is None or not device.time_s or not peak_gflops:
        return device
    return replace(device, peak_share=2.0 * n**3 / device.time_s / 1e9 / peak_gflops)


def _device_median(launch: Sequence[Sample]) -> float:
    """Return the median of the device's times of a launch's calls, in ns, without the first if there are others."""
    times = [sample.device_ns for sample in sorted(launch, key=lambda sample: sample.rep)]
    return median(times[1:] or times)
