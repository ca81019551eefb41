"""Compute confidence intervals of times and of ratios. Pure.

Every time and every ratio of the program has the same estimator: Hodges and Lehmann's, on a log scale. Times are
positive and skewed, and a ratio of two times is a difference of their logarithms. The estimate is nearly as efficient
as the mean where times are normal, and a disturbed launch moves it as little as it moves a median.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from harness.analysis.estimate import Estimate
from harness.analysis.hodges_lehmann import rank_of_ends, walsh_averages
from harness.model.result import Interval

MIN_COMMON_ROUNDS = 6
"""Smallest number of rounds that two kernels must have in common for a ratio round by round: at 95%, an interval by
signed ranks needs six differences."""


def interval(estimate: Estimate, confidence: float) -> Interval | None:
    """Return the confidence interval of an estimate; None from a single launch, whose variance is unknown."""
    if len(estimate.by_round) < 2:
        return None
    return location(estimate.by_round.values(), confidence)


def ratio(over: Estimate, under: Estimate, confidence: float) -> tuple[float, Interval | None]:
    """Return the time of `over` divided by that of `under`, and its interval if both have at least two launches.

    With enough rounds in common, it is the estimate from the rounds' ratios: launches of a round are close in time, so
    a disturbance that lasts longer slows both kernels and cancels. Otherwise it is the ratio of the two times, with
    Welch's interval.
    """
    if len(over.by_round.keys() & under.by_round.keys()) >= MIN_COMMON_ROUNDS:
        by_round = paired(over.by_round, under.by_round, confidence)
        return by_round.value, by_round
    value = over.value_ns / under.value_ns
    difference = welch(_logs(over), _logs(under))
    if difference is None:
        return value, None
    low, high = (math.exp(end) for end in difference.interval(confidence))
    return value, Interval(value, min(low, value), max(high, value))


def paired(over: Mapping[int, float], under: Mapping[int, float], confidence: float) -> Interval:
    """Return the ratio of two kernels' times, with its interval, from the rounds that both have: at least two."""
    common = sorted(over.keys() & under.keys())
    return location([over[number] / under[number] for number in common], confidence)


def location(values: Iterable[float], confidence: float) -> Interval:
    """Return the Hodges-Lehmann estimate of at least two positive values, on a log scale, with its interval.

    The interval is that of Wilcoxon's signed ranks. Values too few for it (fewer than six at 95%) have Student's
    interval about the mean.
    """
    logs = np.log(np.fromiter(values, float))
    averages = walsh_averages(logs)
    value = math.exp(float(np.median(averages)))
    rank = rank_of_ends(len(logs), confidence)
    if rank:
        low, high = float(averages[rank - 1]), float(averages[-rank])
    else:
        half = student_quantile((1 + confidence) / 2, len(logs) - 1) * float(logs.std(ddof=1)) / math.sqrt(len(logs))
        low, high = float(logs.mean()) - half, float(logs.mean()) + half
    low, high = (math.exp(max(-MAX_LOG, min(MAX_LOG, end))) for end in (low, high))
    return Interval(value, min(low, value), max(high, value))


MAX_LOG = 700.0
"""Largest logarithm of an end of an interval: that of two launches far apart would exceed the range of a float."""


@dataclass(frozen=True)
class Difference:
    """The difference of two means, its standard error, and the degrees of freedom of Student's distribution."""

    value: float
    standard_error: float
    freedom: float

    def interval(self, confidence: float) -> tuple[float, float]:
        """Return the ends of the confidence interval."""
        half = student_quantile((1 + confidence) / 2, self.freedom) * self.standard_error
        return self.value - half, self.value + half


def welch(first: Sequence[float] | np.ndarray, second: Sequence[float] | np.ndarray) -> Difference | None:
    """Return the difference of two means, first minus second; None unless each group has at least two values.

    Welch 1947, The Generalization of Student's Problem, with Satterthwaite's degrees of freedom.
    """
    if min(len(first), len(second)) < 2:
        return None
    if np.ptp(first) == np.ptp(second) == 0:
        return Difference(float(first[0] - second[0]), 0.0, len(first) + len(second) - 2.0)
    from scipy import stats  # imported here, because it takes a second, for which most commands need not wait

    with warnings.catch_warnings():
        # SciPy warns of values that differ in their last digits only, as those of a kernel that prints a constant time
        warnings.simplefilter("ignore", RuntimeWarning)
        test = stats.ttest_ind(first, second, equal_var=False)
    low, high = test.confidence_interval(0.95)
    freedom = float(test.df)
    return Difference(float(low + high) / 2, float(high - low) / 2 / student_quantile(0.975, freedom), freedom)


def _logs(estimate: Estimate) -> list[float]:
    return [math.log(time) for time in estimate.by_round.values()]


@lru_cache(maxsize=1024)
def student_quantile(probability: float, freedom: float) -> float:
    """Return a quantile of Student's t distribution."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, probability))
