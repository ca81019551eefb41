"""Medians, slopes and ratios, each with a bootstrap interval. Pure functions; no clock, no files."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from harness.model import Interval, Sample
from harness.schedule import launches_in


@dataclass(frozen=True)
class Estimate:
    """The time of a whole product, with its bootstrap distribution (ns).

    `estimated` tells that not every row was measured; `launches` is the smallest number of launches behind it.
    `by_turn` has the time that each round of the run alone would give, which is what two kernels have in common;
    `best_by_turn` that of the fastest steady call of each round's launch, where whole products were measured.
    """

    value_ns: float
    replicates_ns: np.ndarray
    launches: int
    samples: int
    minimum_ns: float
    rows: int
    estimated: bool
    by_turn: Mapping[int, float] = field(default_factory=dict)
    best_by_turn: Mapping[int, float] = field(default_factory=dict)


def steady(samples: Sequence[Sample]) -> list[float]:
    """The times of a launch without its first call, where there is another: warm-up is a figure of its own."""
    times = [float(sample.ns) for sample in sorted(samples, key=lambda sample: sample.rep)]
    return times[1:] or times


def centre(launch: Sequence[Sample]) -> float:
    """The median time of a launch's steady calls, in ns."""
    return float(np.median(steady(launch)))


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
    levels: dict[int, list[list[Sample]]] = {}
    for launch in launches.values():
        levels.setdefault(launch[0].rows, []).append(launch)
    if n in levels:
        times = [centre(launch) for launch in levels[n]]
        flat = [time for launch in levels[n] for time in steady(launch)]
        return Estimate(
            float(np.median(times)),
            _medians(times, resamples, random),
            len(times),
            len(flat),
            min(flat),
            n,
            False,
            {launch[0].turn: time for launch, time in zip(levels[n], times, strict=True)},
            {launch[0].turn: min(steady(launch)) for launch in levels[n]},
        )
    if len(levels) > 1:
        few, many = sorted(levels)[-2:]  # fewer rows than these told too little: schedule._levels
        pairs = list(zip(levels[few], levels[many], strict=False))
        rounds = [whole_from_rows(n, few, centre(at_few), many, centre(at_many)) for at_few, at_many in pairs]
        count = sum(len(steady(launch)) for rows in (few, many) for launch in levels[rows])
        return Estimate(
            float(np.median(rounds)),
            _medians(rounds, resamples, random),
            len(rounds),
            count,
            min(rounds),
            many,
            True,
            {at_many[0].turn: time for (_, at_many), time in zip(pairs, rounds, strict=True)},
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


PAIRED_SHARE = 0.7
"""The share of their rounds that two kernels must have in common for their ratio to be taken round by round."""


def ratio(over: Estimate, under: Estimate, confidence: float) -> tuple[float, Interval | None]:
    """How many times `over` takes what `under` takes, with its interval if both have one.

    Round by round where they took turns: launches of a round are near each other in time, so what slows the machine
    for longer slows both, and leaves their ratio alone. The ratio is then the Hodges-Lehmann estimate of the rounds'
    ratios, on a log scale: nearly as sharp as their mean, and as little moved by a disturbed round as a median is.
    Elsewhere (other rounds, blocks of rows) it is that of the two times.
    """
    common = over.by_turn.keys() & under.by_turn.keys()
    if len(common) >= max(3, PAIRED_SHARE * max(len(over.by_turn), len(under.by_turn))):
        found = paired(over.by_turn, under.by_turn, len(over.replicates_ns), confidence)
        return found.value, found
    value = over.value_ns / under.value_ns
    smallest = min(over.launches, under.launches)
    if smallest < 2:
        return value, None
    return value, _expanded(value, over.replicates_ns / under.replicates_ns, smallest, confidence)


def paired(over: Mapping[int, float], under: Mapping[int, float], resamples: int, confidence: float) -> Interval:
    """The ratio of two times that were taken in the same rounds, from the rounds that both have."""
    logs = np.log([over[turn] / under[turn] for turn in sorted(over.keys() & under.keys())])
    # a seed of the pair's own, from its data: the same samples always give the same interval
    random = np.random.default_rng(zlib.crc32(logs.tobytes()))
    chosen = random.integers(0, len(logs), (resamples, len(logs)))
    value = float(np.exp(hodges_lehmann(logs[None, :])[0]))
    return _expanded(value, np.exp(hodges_lehmann(logs[chosen])), len(logs), confidence)


def hodges_lehmann(values: np.ndarray) -> np.ndarray:
    """The median of all pairs' means, each value paired with itself too: one for each row of k x m values.

    Hodges and Lehmann 1963, Estimates of Location Based on Rank Tests.
    """
    first, second = np.triu_indices(values.shape[1])
    rows = max(1, 2**22 // len(first))  # so many at a time that the pairs of 200 rounds fit in memory
    parts = [values[i : i + rows] for i in range(0, len(values), rows)]
    return np.concatenate([np.median((part[:, first] + part[:, second]) / 2, axis=1) for part in parts])


def spread(launches: Sequence[Sequence[Sample]]) -> tuple[float | None, float | None]:
    """The two levels of variance, as relative standard deviations: between launches, and of the calls within one.

    Of steady calls. What calls add to the launches' variance is taken out of it (Kalibera and Jones 2013, Rigorous
    Benchmarking in Reasonable Time, 4). None where there are too few to tell.
    """
    logs = [np.log(steady(launch)) for launch in launches]
    repeated = [values for values in logs if len(values) > 1]
    within = float(np.mean([values.var(ddof=1) for values in repeated])) if repeated else None
    between = float(np.var([values.mean() for values in logs], ddof=1)) if len(logs) > 1 else None
    if between is not None and within is not None:
        between = max(0.0, between - within * float(np.mean([1 / len(values) for values in logs])))
    return tuple(None if variance is None else math.sqrt(variance) for variance in (between, within))


FAR = 3.5
"""Iglewicz and Hoaglin 1993, How to Detect and Handle Outliers: the modified z-score from which a value is one."""


def outliers(launches: Sequence[Sequence[Sample]]) -> list[float]:
    """The times among the steady calls, in ns, that lie far from the others. They are flagged, never dropped."""
    times = np.array([time for launch in launches for time in steady(launch)])
    if len(times) < 5:
        return []
    distance = np.abs(times - np.median(times))
    scale = float(np.median(distance))
    return [float(time) for time in times[0.6745 * distance > FAR * scale]] if scale else []


def _expanded(value: float, replicates: np.ndarray, launches: int, confidence: float) -> Interval:
    """The expanded percentile interval (Hesterberg 2015, What Teachers Should Know About the Bootstrap, 5.3).

    Plain percentiles are too narrow for few launches: with three, a "95%" interval covers far less. Widening the
    percentiles as Student's t and the n - 1 would makes it honest. For the fewest it becomes the whole range, which
    holds the median of what three launches are drawn from in only 75% of cases: it is then stretched to Lord's, about
    its own middle. About the median, two equal launches beside a disturbed one would say that nothing can be faster.
    """
    tail = (1 - confidence) / 2
    quantile = student_quantile(tail, launches - 1)
    share = NormalDist().cdf(math.sqrt(launches / (launches - 1)) * quantile)
    low, high = (float(end) for end in np.quantile(replicates, [share, 1 - share]))
    stretch = max(1.0, -quantile / math.sqrt(launches) / HALF_RANGES.get(launches, math.inf))
    if stretch > 1:
        # two launches are stretched so much that an end may say no more than that it is not known
        middle, half = math.sqrt(low * high), math.exp(min(UNKNOWN, stretch * math.log(high / low) / 2))
        low, high = middle / half, middle * half
    return Interval(value, min(low, value), max(high, value))


UNKNOWN = math.log(1000)


HALF_RANGES = {2: 0.707, 3: 0.955, 4: 1.117, 5: 1.237, 6: 1.332, 7: 1.409}
"""Half the range of a few normal values by their standard deviation, both as expected (d2 / 2 c4 of control charts).

Lord 1947, The Use of Range in Place of Standard Deviation in the t-Test, Biometrika 34: an interval of Student's width
from the range, here on a log scale, as times are.
"""


def welch(first: Sequence[float], second: Sequence[float], confidence: float) -> tuple[float, float]:
    """The difference of two means, the first's less the second's, and the half width of its interval.

    Welch 1947, with the degrees of freedom of Satterthwaite. Takes two values of each or more.
    """
    groups = [np.asarray(values, dtype=float) for values in (first, second)]
    parts = [float(values.var(ddof=1)) / len(values) for values in groups]
    difference = float(groups[0].mean() - groups[1].mean())
    if not sum(parts):
        return difference, 0.0
    pairs = zip(parts, groups, strict=True)
    freedom = max(1, int(sum(parts) ** 2 / sum(part**2 / (len(values) - 1) for part, values in pairs)))
    return difference, student_quantile((1 + confidence) / 2, freedom) * math.sqrt(sum(parts))


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
