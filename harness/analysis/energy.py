"""Compute the energy of a kernel's products. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from harness.model.energy import Energy, EnergySupport
from harness.model.sample import Purpose, Sample


def energy_of(samples: Iterable[Sample], support: EnergySupport, on_gpu: bool = False) -> Energy | None:
    """Return the energy of one product of a kernel; None if it was not measured.

    It is that of the whole machine during a launch, without what it takes at rest in the same time, and without that of
    a launch on 1 x 1 matrices. Only a kernel that computes `on_gpu` has any of the GPUs.
    """
    launches = list({sample.launch: sample for sample in samples}.values())
    measured = [sample for sample in launches if sample.purpose == Purpose.MEASURE]
    starts = [sample for sample in launches if sample.purpose == Purpose.START]
    domains = ("package", "dram", "gpu") if on_gpu else ("package", "dram")
    joules = {domain: _joules(domain, measured, starts, support) for domain in domains}
    medians = {domain: median(each) for domain, each in joules.items() if each}
    if not medians:
        return None
    return Energy(
        package_j=medians.get("package"),
        dram_j=medians.get("dram"),
        gpu_j=medians.get("gpu"),
        launches=max(map(len, joules.values())),
        estimated=any(sample.rows < sample.n for sample in measured),
    )


def _joules(domain: str, measured: Sequence[Sample], starts: Sequence[Sample], support: EnergySupport) -> list[float]:
    """Return the joules of one product in each launch in which the domain was read."""
    if domain not in support.idle_w:
        return []
    own = [joules for sample in starts if (joules := _above_idle(domain, sample, support)) is not None]
    start = median(own) if own else 0.0
    return [
        max(0.0, joules - start) / (sample.reps * sample.rows / sample.n)
        for sample in measured
        if (joules := _above_idle(domain, sample, support)) is not None
    ]


def _above_idle(domain: str, sample: Sample, support: EnergySupport) -> float | None:
    system = sample.system
    energy_uj = {"package": system.package_uj, "dram": system.dram_uj, "gpu": system.gpu_uj}[domain]
    if energy_uj is None:
        return None
    return energy_uj / 1e6 - support.idle_w[domain] * sample.launch_wall_ns / 1e9
