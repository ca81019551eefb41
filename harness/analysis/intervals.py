"""Compute confidence intervals of times and of ratios. Pure."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from harness.analysis.bootstrap import bootstrap_hodges_lehmann, hodges_lehmann
from harness.analysis.estimate import Estimate
from harness.model.result import Interval


def interval(estimate: Estimate, confidence: float) -> Interval | None:
    """The confidence interval of an estimate; None from a single launch, which can have none."""
    if estimate.launches < 2:
        return None
    return expanded(estimate.value_ns, estimate.replicates_ns, estimate.launches, confidence)


PAIRED_SHARE = 0.7
"""The share of their rounds that two kernels must have in common for their ratio to be taken round by round."""


def ratio(over: Estimate, under: Estimate, confidence: float) -> tuple[float, Interval | None]:
    """How many times `over` takes what `under` takes, with its interval if both have one.

    Round by round where they took rounds: launches of a round are near each other in time, so what slows the machine
    for longer slows both, and leaves their ratio alone. The ratio is then the Hodges-Lehmann estimate of the rounds'
    ratios, on a log scale: nearly as sharp as their mean, and as little moved by a disturbed round as a median is.
    Elsewhere (other rounds, blocks of rows) it is that of the two times.
    """
    common = over.by_round.keys() & under.by_round.keys()
    if len(common) >= max(3, PAIRED_SHARE * max(len(over.by_round), len(under.by_round))):
        found = paired(over.by_round, under.by_round, len(over.replicates_ns), confidence)
        return found.value, found
    value = over.value_ns / under.value_ns
    smallest = min(over.launches, under.launches)
    if smallest < 2:
        return value, None
    return value, expanded(value, over.replicates_ns / under.replicates_ns, smallest, confidence)


def paired(over: Mapping[int, float], under: Mapping[int, float], resamples: int, confidence: float) -> Interval:
    """The ratio of two times that were taken in the same rounds, from the rounds that both have."""
    logs = np.log([over[round_number] / under[round_number] for round_number in sorted(over.keys() & under.keys())])
    # a seed of the pair's own, from its data: the same samples always give the same interval
    random = np.random.default_rng(zlib.crc32(logs.tobytes()))
    value = float(np.exp(hodges_lehmann(logs)))
    return expanded(value, np.exp(bootstrap_hodges_lehmann(logs, resamples, random)), len(logs), confidence)


def expanded(value: float, replicates: np.ndarray, launches: int, confidence: float) -> Interval:
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


def welch(
    first: Sequence[float] | np.ndarray, second: Sequence[float] | np.ndarray, confidence: float
) -> tuple[float, float]:
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
