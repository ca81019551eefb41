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
    """Return the confidence interval of an estimate; None from a single launch, whose variance is unknown."""
    if estimate.launches < 2:
        return None
    return expanded_percentile_interval(estimate.value_ns, estimate.replicates_ns, estimate.launches, confidence)


MIN_COMMON_FRACTION = 0.7
"""Smallest fraction of rounds that two kernels must have in common for a ratio round by round. Below it, the ratio of
the two medians uses more of the launches."""


def ratio(over: Estimate, under: Estimate, confidence: float) -> tuple[float, Interval | None]:
    """Return the time of `over` divided by that of `under`, and its interval if both have at least two launches.

    If the kernels have rounds in common, the ratio is the Hodges-Lehmann estimate of the rounds' ratios, on a log
    scale. Launches of a round are close in time, so a disturbance that lasts longer slows both kernels and cancels.
    The estimate is nearly as efficient as the mean, and a disturbed round moves it as little as it moves a median. If
    the kernels have no rounds in common (another run, blocks of rows), it is the ratio of the two times.
    """
    common = over.by_round.keys() & under.by_round.keys()
    if len(common) >= max(3, MIN_COMMON_FRACTION * max(len(over.by_round), len(under.by_round))):
        paired_ratio = paired(over.by_round, under.by_round, len(over.replicates_ns), confidence)
        return paired_ratio.value, paired_ratio
    value = over.value_ns / under.value_ns
    launches = min(over.launches, under.launches)
    if launches < 2:
        return value, None
    return value, expanded_percentile_interval(value, over.replicates_ns / under.replicates_ns, launches, confidence)


def paired(over: Mapping[int, float], under: Mapping[int, float], resamples: int, confidence: float) -> Interval:
    """Return the ratio of two kernels' times, with its interval, from the rounds that both have."""
    logs = np.log([over[round_number] / under[round_number] for round_number in sorted(over.keys() & under.keys())])
    # the seed is a digest of the data, so that the same samples always give the same interval
    random = np.random.default_rng(zlib.crc32(logs.tobytes()))
    value = float(np.exp(hodges_lehmann(logs)))
    replicates = np.exp(bootstrap_hodges_lehmann(logs, resamples, random))
    return expanded_percentile_interval(value, replicates, len(logs), confidence)


def expanded_percentile_interval(value: float, replicates: np.ndarray, launches: int, confidence: float) -> Interval:
    """Return the expanded percentile interval of a bootstrap distribution, stretched where launches are few.

    Hesterberg 2015, What Teachers Should Know About the Bootstrap, 5.3: plain percentiles are too narrow for few
    launches, so the percentile alpha/2 is replaced by Phi(sqrt(n / (n - 1)) t), with Student's quantile t of n - 1
    degrees of freedom. For the fewest launches this is the whole range, and the range of three values holds the median
    of their distribution in only 75% of cases. The interval is then stretched to Lord's width, about its own middle:
    stretched about the median, two equal launches beside a disturbed one would exclude every shorter time.
    """
    tail = (1 - confidence) / 2
    quantile = student_quantile(tail, launches - 1)
    percentile = NormalDist().cdf(math.sqrt(launches / (launches - 1)) * quantile)
    low, high = (float(end) for end in np.quantile(replicates, [percentile, 1 - percentile]))
    stretch = max(1.0, -quantile / math.sqrt(launches) / HALF_RANGES.get(launches, math.inf))
    if stretch > 1:
        # limited, because the interval of two launches far apart is stretched beyond the range of a float
        middle, half = math.sqrt(low * high), math.exp(min(MAX_LOG_HALF_WIDTH, stretch * math.log(high / low) / 2))
        low, high = middle / half, middle * half
    return Interval(value, min(low, value), max(high, value))


MAX_LOG_HALF_WIDTH = math.log(1000)
"""Largest half width of a stretched interval, on a log scale: its ends are a factor of 1000 from its middle."""

HALF_RANGES = {2: 0.707, 3: 0.955, 4: 1.117, 5: 1.237, 6: 1.332, 7: 1.409}
"""Expected half range of 2 to 7 normal values, in expected standard deviations: d2 / (2 c4) of control charts.

Lord 1947, The Use of Range in Place of Standard Deviation in the t-Test, Biometrika 34, gives an interval of Student's
width from the range. Here the range is that of the logarithms of the times.
"""


def welch(
    first: Sequence[float] | np.ndarray, second: Sequence[float] | np.ndarray, confidence: float
) -> tuple[float, float]:
    """Return the difference of two means, first minus second, and the half width of its confidence interval.

    Welch 1947, The Generalization of Student's Problem, with Satterthwaite's degrees of freedom and the unbiased
    variances (Bessel's correction). Each group needs at least two values.
    """
    groups = [np.asarray(values, dtype=float) for values in (first, second)]
    squared_errors = [float(values.var(ddof=1)) / len(values) for values in groups]
    difference = float(groups[0].mean() - groups[1].mean())
    if not sum(squared_errors):
        return difference, 0.0
    pairs = zip(squared_errors, groups, strict=True)
    freedom = max(1, int(sum(squared_errors) ** 2 / sum(error**2 / (len(values) - 1) for error, values in pairs)))
    return difference, student_quantile((1 + confidence) / 2, freedom) * math.sqrt(sum(squared_errors))


@lru_cache(maxsize=256)
def student_quantile(probability: float, freedom: int) -> float:
    """Return a quantile of Student's t distribution, by bisection of its density integrated with Simpson's rule."""
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
