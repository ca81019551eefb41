"""Estimate the time of a whole product from a kernel's samples, with its bootstrap distribution. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from harness.analysis.bootstrap import bootstrap_medians
from harness.model.sample import Purpose, Sample, launches_in


@dataclass(frozen=True)
class Estimate:
    """The time of a whole product and its bootstrap distribution, in ns.

    `estimated` is true if the time is extrapolated from some of the rows. `launches` is the number of launches, or of
    rounds where each round gives one estimate. `by_round` has the time from each round alone, by the number of the
    round, so that kernels can be compared round by round. `fastest_by_round` has the time of the fastest steady call of
    each round; it is empty if no whole product was measured.
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
    """Return the times of a launch's calls, in ns, without the first call if there are others.

    The first call includes JIT compilation and first access to memory. It is reported separately.
    """
    times = [float(sample.ns) for sample in sorted(samples, key=lambda sample: sample.rep)]
    return times[1:] or times


def launch_median(launch: Sequence[Sample]) -> float:
    """Return the median time of a launch's calls after its warm-up, in ns."""
    return median(after_warmup(launch))


def estimate_time(samples: Sequence[Sample], n: int, resamples: int, seed: int) -> Estimate | None:
    """Estimate the time of C[n x n] = A.B from a kernel's samples; return None if they do not suffice.

    From whole products: the median of the launches' medians. From two numbers of rows: the median of the rounds'
    extrapolations. The two launches of a round follow each other, so a drift of the machine between rounds affects
    both and does not change the slope. From blocks of rows that add up to n: the sum of their times.
    """
    launches = launches_in(samples, Purpose.MEASURE)
    if not launches:
        return None
    # a seed for each kernel: with equal resamples, the errors of two kernels would cancel in their ratio
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
        few, many = sorted(levels)[-2:]  # launches of fewer rows were too short for a slope: schedule._levels
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
    """Extrapolate the time of n rows linearly from the times of `few` and of `many` rows, in ns.

    The slope does not include the costs that a call has once, such as packing B. Noise can make the slope of very short
    launches negative, so the result is at least `t_many`: a whole takes no less than its part.
    """
    return max(t_many, t_many + (n - many) * (t_many - t_few) / (many - few))


def _blocks(launches: list[list[Sample]], resamples: int, random: np.random.Generator) -> Estimate:
    """Add up the times of blocks of rows; the bootstrap resamples blocks, and scales each resample to all rows."""
    rows = np.array([launch[0].rows for launch in launches], dtype=float)
    times = np.array([launch[0].ns for launch in launches], dtype=float)
    total = float(times.sum())
    chosen = random.integers(0, len(times), (resamples, len(times)))
    replicates = times[chosen].sum(axis=1) / rows[chosen].sum(axis=1) * rows.sum()
    return Estimate(total, replicates, len(times), len(times), total, int(rows.sum()), False)
