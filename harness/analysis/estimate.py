"""Estimate the time of a whole product from a kernel's samples, with its bootstrap distribution. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from harness.analysis.bootstrap import bootstrap_medians
from harness.model.sample import Sample, launches_in


@dataclass(frozen=True)
class Estimate:
    """The time of a whole product, with its bootstrap distribution (ns).

    `estimated` tells that not every row was measured; `launches` is the smallest number of launches behind it.
    `by_round` has the time that each round of the run alone would give, which is what two kernels have in common;
    `fastest_by_round` that of the fastest steady call of each round's launch, where whole products were measured.
    """

    value_ns: float
    replicates_ns: np.ndarray
    launches: int
    samples: int
    minimum_ns: float
    rows: int
    estimated: bool
    by_round: Mapping[int, float] = field(default_factory=dict)
    fastest_by_round: Mapping[int, float] = field(default_factory=dict)


def after_warmup(samples: Sequence[Sample]) -> list[float]:
    """The times of a launch without its first call, where there is another: warm-up is a figure of its own."""
    times = [float(sample.ns) for sample in sorted(samples, key=lambda sample: sample.rep)]
    return times[1:] or times


def launch_median(launch: Sequence[Sample]) -> float:
    """The median time of a launch's steady calls, in ns."""
    return median(after_warmup(launch))


def estimate_time(samples: Sequence[Sample], n: int, resamples: int, seed: int) -> Estimate | None:
    """The time of C[n x n] = A.B from a kernel's measured samples; None if they do not suffice.

    Whole products: the median of the launches' medians. Two row counts: the median of the rounds' estimates; the two
    launches of a round follow each other, so that a machine that drifts between rounds slows both. Rows in blocks:
    their sum.
    """
    launches = launches_in(samples, "measure")
    if not launches:
        return None
    # draws of its own for each kernel: with the same ones, two kernels' errors would cancel in their ratio
    random = np.random.default_rng([seed, zlib.crc32(samples[0].kernel.encode())])
    blocks = {launch[0].row0: launch for launch in launches.values() if launch[0].rows < n}
    if 0 < sum(launch[0].rows for launch in blocks.values()) == n and len(blocks) == len(launches):
        return _blocks(list(blocks.values()), resamples, random)
    levels: dict[int, list[list[Sample]]] = {}
    for launch in launches.values():
        levels.setdefault(launch[0].rows, []).append(launch)
    if n in levels:
        times = [launch_median(launch) for launch in levels[n]]
        flat = [time for launch in levels[n] for time in after_warmup(launch)]
        return Estimate(
            float(np.median(times)),
            bootstrap_medians(times, resamples, random),
            len(times),
            len(flat),
            min(flat),
            n,
            False,
            {launch[0].round: time for launch, time in zip(levels[n], times, strict=True)},
            {launch[0].round: min(after_warmup(launch)) for launch in levels[n]},
        )
    if len(levels) > 1:
        few, many = sorted(levels)[-2:]  # fewer rows than these told too little: schedule._levels
        pairs = list(zip(levels[few], levels[many], strict=False))
        rounds = [
            whole_from_rows(n, few, launch_median(at_few), many, launch_median(at_many)) for at_few, at_many in pairs
        ]
        count = sum(len(after_warmup(launch)) for rows in (few, many) for launch in levels[rows])
        return Estimate(
            float(np.median(rounds)),
            bootstrap_medians(rounds, resamples, random),
            len(rounds),
            count,
            min(rounds),
            many,
            True,
            {at_many[0].round: time for (_, at_many), time in zip(pairs, rounds, strict=True)},
        )
    return None


def whole_from_rows(n: int, few: int, t_few: float, many: int, t_many: float) -> float:
    """The time of n rows from the times of few and of many: the last plus the rest by the slope between the two.

    The slope is free of what a launch costs once. Noise may turn that of very short launches negative, but no
    whole takes less than its part.
    """
    return max(t_many, t_many + (n - many) * (t_many - t_few) / (many - few))


def _blocks(launches: list[list[Sample]], resamples: int, random: np.random.Generator) -> Estimate:
    rows = np.array([launch[0].rows for launch in launches], dtype=float)
    times = np.array([launch[0].ns for launch in launches], dtype=float)
    total = float(times.sum())
    chosen = random.integers(0, len(times), (resamples, len(times)))
    replicates = times[chosen].sum(axis=1) / rows[chosen].sum(axis=1) * rows.sum()
    return Estimate(total, replicates, len(times), len(times), total, int(rows.sum()), False)
