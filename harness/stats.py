"""Medians, slopes and ratios, each with a bootstrap interval. Pure functions; no clock, no files."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from harness.model import Interval, Sample
from harness.schedule import launches_in


@dataclass(frozen=True)
class Estimate:
    """The time of a whole product, with its bootstrap distribution (ns).

    `estimated` tells that not every row was measured; `launches` is the smallest number of launches behind it.
    """

    value_ns: float
    replicates_ns: np.ndarray
    launches: int
    samples: int
    minimum_ns: float
    rows: int
    estimated: bool


def steady(samples: Sequence[Sample]) -> list[float]:
    """The times of a launch without its first call, where there is another: warm-up is a figure of its own."""
    times = [float(sample.ns) for sample in sorted(samples, key=lambda sample: sample.rep)]
    return times[1:] or times


def summarise(samples: Sequence[Sample], n: int, resamples: int, seed: int) -> Estimate | None:
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
    levels: dict[int, list[list[float]]] = {}
    for launch in launches.values():
        levels.setdefault(launch[0].rows, []).append(steady(launch))
    if n in levels:
        times = [float(np.median(launch)) for launch in levels[n]]
        flat = [time for launch in levels[n] for time in launch]
        return Estimate(
            float(np.median(times)),
            _medians(times, resamples, random),
            len(times),
            len(flat),
            min(flat),
            n,
            False,
        )
    if len(levels) > 1:
        few, many = sorted(levels)[-2:]  # fewer rows than these told too little: schedule._levels
        rounds = [
            whole_from_rows(n, few, float(np.median(t_few)), many, float(np.median(t_many)))
            for t_few, t_many in zip(levels[few], levels[many], strict=False)
        ]
        count = sum(len(launch) for rows in (few, many) for launch in levels[rows])
        return Estimate(
            float(np.median(rounds)),
            _medians(rounds, resamples, random),
            len(rounds),
            count,
            min(rounds),
            many,
            True,
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


def _medians(times: list[float], resamples: int, random: np.random.Generator) -> np.ndarray:
    """Bootstrap medians over launches (or rounds): whole ones are drawn, since what is inside one is alike."""
    centres = np.array(times)
    chosen = random.integers(0, len(centres), (resamples, len(centres)))
    return np.median(centres[chosen], axis=1)


def interval(estimate: Estimate, confidence: float) -> Interval | None:
    """The confidence interval of an estimate; None from a single launch, which can have none."""
    if estimate.launches < 2:
        return None
    return _expanded(estimate.value_ns, estimate.replicates_ns, estimate.launches, confidence)


def ratio(over: Estimate, under: Estimate, confidence: float) -> tuple[float, Interval | None]:
    """How many times `over` takes what `under` takes, with its interval if both have one."""
    value = over.value_ns / under.value_ns
    smallest = min(over.launches, under.launches)
    if smallest < 2:
        return value, None
    return value, _expanded(value, over.replicates_ns / under.replicates_ns, smallest, confidence)


def _expanded(value: float, replicates: np.ndarray, launches: int, confidence: float) -> Interval:
    """The expanded percentile interval (Hesterberg 2015, What Teachers Should Know About the Bootstrap, 5.3).

    Plain percentiles are too narrow for few launches: with three, a "95%" interval covers far less. Widening the
    percentiles as Student's t and the n - 1 would makes it honest; for very few it becomes the whole range.
    """
    tail = (1 - confidence) / 2
    share = NormalDist().cdf(math.sqrt(launches / (launches - 1)) * student_quantile(tail, launches - 1))
    low, high = np.quantile(replicates, [share, 1 - share])
    return Interval(value, min(float(low), value), max(float(high), value))


@lru_cache(maxsize=256)
def student_quantile(probability: float, freedom: int) -> float:
    """The quantile of Student's t distribution, by bisection of its integrated density."""
    if probability > 0.5:
        return -student_quantile(1 - probability, freedom)
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(freedom * math.pi)
    return -_bisect(
        lambda t: 0.5 - scale * _simpson(lambda x: (1 + x * x / freedom) ** (-(freedom + 1) / 2), t),
        probability,
    )


def _simpson(f: Callable[[float], float], end: float, steps: int = 2000) -> float:
    h = end / steps
    inner = sum((4 if i % 2 else 2) * f(i * h) for i in range(1, steps))
    return (f(0) + inner + f(end)) * h / 3


def _bisect(decreasing: Callable[[float], float], target: float) -> float:
    low, high = 0.0, 1.0
    while decreasing(high) > target and high < 1e4:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if decreasing(middle) > target else (low, middle)
    return (low + high) / 2
