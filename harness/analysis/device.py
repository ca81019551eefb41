"""Compute what a row tells of the device on which its kernel computed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from harness.model.result import OnDevice
from harness.model.sample import Sample


def device_of(launches: Sequence[Sequence[Sample]], estimated: bool) -> OnDevice | None:
    """Return the device that a kernel's launches name, and its time for a product; None for one that names none.

    The time is the median over launches of the median over calls, without the first where there are others, as for the
    times beside it. It is not known for an estimate, nor where a call has none.
    """
    samples = [sample for launch in launches for sample in launch]
    names = list(dict.fromkeys(sample.device for sample in samples if sample.device))
    if not names:
        return None
    drivers = list(dict.fromkeys(sample.driver for sample in samples if sample.driver))
    known = not estimated and all(sample.device_ns for sample in samples)
    time_s = median(median(_settled(launch)) for launch in launches) / 1e9 if known else None
    return OnDevice(" and ".join(names), " and ".join(drivers), time_s)


def _settled(launch: Sequence[Sample]) -> list[int]:
    """Return the device's times of a launch's calls, in ns, without the first call if there are others."""
    times = [sample.device_ns for sample in sorted(launch, key=lambda sample: sample.rep)]
    return times[1:] or times
