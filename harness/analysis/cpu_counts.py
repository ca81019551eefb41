"""Compute what the CPU counted for one multiply-add of a kernel. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import median

from harness.model.counters import CounterSupport, CpuCounts
from harness.model.sample import Purpose, Sample


def cpu_counts(samples: Iterable[Sample], support: CounterSupport) -> CpuCounts | None:
    """Return a kernel's counts by its samples; None if nothing was counted.

    A launch is counted whole. What it counts on 1 x 1 matrices, its start, is taken off; reading A and B and writing C
    remain, which is 1/n of the work.
    """
    launches = list({sample.launch: sample for sample in samples}.values())
    starts = _by_event(sample for sample in launches if sample.purpose == Purpose.START)
    start = {name: median(values) for name, values in starts.items()}
    per_step: dict[str, list[float]] = {}
    shares = []
    for sample in launches:
        if sample.purpose != Purpose.MEASURE:
            continue
        steps = sample.reps * sample.rows * sample.n**2
        for reading in sample.counters:
            if (count := reading.scaled) is not None:
                per_step.setdefault(reading.name, []).append(max(0.0, count - start.get(reading.name, 0.0)) / steps)
                shares.append(reading.running_ns / reading.enabled_ns if reading.enabled_ns else 1.0)
    if not per_step:
        return None
    medians = {name: median(values) for name, values in per_step.items()}
    return CpuCounts(medians, min(shares), slot_shares(medians, support.slots_per_cycle))


def _by_event(samples: Iterable[Sample]) -> dict[str, list[float]]:
    counts: dict[str, list[float]] = {}
    for sample in samples:
        for reading in sample.counters:
            if (count := reading.scaled) is not None:
                counts.setdefault(reading.name, []).append(count)
    return counts


def slot_shares(per_step: Mapping[str, float], slots_per_cycle: int) -> dict[str, float]:
    """Return the shares of slots that were used, or lost in the frontend, in the backend or by wrong guesses.

    Top-down analysis (Yasin, ISPASS 2014): what is left of the slots began and did not retire.
    """
    slots = per_step.get("slots") or per_step.get("cycles", 0.0) * slots_per_cycle
    parts = {"retiring": "retired-slots", "frontend": "frontend-slots", "backend": "backend-slots"}
    if not slots or any(name not in per_step for name in parts.values()):
        return {}
    shares = {part: per_step[name] / slots for part, name in parts.items()}
    return shares | {"bad speculation": max(0.0, 1.0 - sum(shares.values()))}
