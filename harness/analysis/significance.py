"""Decide which of two kernels is faster, by permutation tests of their fastest calls. Pure.

A disturbance makes a kernel slower, never faster, so its times have a lower bound and a long tail above it. The lower
bound is the same from round to round, while the median is not (Chen and Revels 2016, Robust Benchmarking in Noisy
Environments). The statistic is therefore the mean of the fastest third of the launches' fastest calls: a single lucky
launch does not decide it, as it would decide the minimum.

Within a run, two kernels have launches in the same rounds. If the kernels are equal, exchanging their times within a
round changes nothing but chance. The permutation test compares the observed difference with the differences of all such
exchanges, so it is exact for any noise and any drift (Fisher 1935, The Design of Experiments).
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from harness.analysis.estimate import Estimate
from harness.analysis.intervals import ratio, student_quantile
from harness.model.result import Interval

FASTEST_FRACTION = Fraction(1, 3)
"""Fraction of the launches, the fastest ones, whose mean is compared. Tried on equal kernels and on one with 1% more
work: the median detected half as many differences, the minimum and the tenth percentile somewhat fewer."""

MIN_ROUNDS = 6
"""Smallest number of rounds for a test at 5%: two of the 2^6 exchanges are as extreme as the most extreme one, 3.1%."""

MAX_PERMUTATIONS = 4096
"""Maximum number of exchanges. Up to 12 rounds have no more; of the exchanges of more rounds, this number is drawn at
random: the standard error of a p-value of 5% is then 0.34%."""

MAX_ROUNDING = 1e-12
"""Largest difference of two sums of logarithms that counts as equal: rounding depends on the order of the terms."""


def significantly_slower(slower: Estimate, faster: Estimate, confidence: float) -> bool:
    """Return whether `slower` is slower than `faster` at this level of confidence.

    Kernels that have few rounds in common or were not measured whole are compared by the interval of the ratio of their
    times.
    """
    times = _log_times_of_common_rounds(slower, faster)
    if times is None:
        interval = ratio(slower, faster, confidence)[1]
        return interval is not None and interval.low > 1
    return (
        mean_of_fastest_third(times[0]) > mean_of_fastest_third(times[1])
        and permutation_p_value(times) < 1 - confidence
    )


def permutation_p_value(times: np.ndarray) -> float:
    """Return the p-value of the hypothesis that two kernels are equal, from their times: 2 x rounds, logarithms.

    It is the fraction of exchanges within rounds that give a difference at least as large as the observed one.
    """
    rounds = times.shape[1]
    if 2**rounds <= MAX_PERMUTATIONS:
        exchanged = (np.arange(2**rounds)[:, None] >> np.arange(rounds)) % 2 == 1
    else:
        random = np.random.default_rng(zlib.crc32(times.tobytes()))
        exchanged = random.random((MAX_PERMUTATIONS, rounds)) < 0.5
        exchanged[0] = False  # the observation is one of the exchanges, so that the p-value is never 0
    return _p_value(times.ravel(), np.ascontiguousarray(np.concatenate([~exchanged, exchanged], axis=1).T))


@dataclass(frozen=True)
class RatioOfRuns:
    """The ratio of a kernel's times in two runs, with its interval.

    `standard_error` is that of the ratio's logarithm, and `freedom` its degrees of freedom: with few launches the
    interval is much wider than 2.6 standard errors on each side.
    """

    interval: Interval
    standard_error: float
    freedom: float


def between_runs(later: Estimate, earlier: Estimate, confidence: float) -> RatioOfRuns | None:
    """Return the ratio of a kernel's times in two runs; None if either run has a single launch.

    Rounds of two runs have nothing in common, so the launches of each are a sample of their own: Welch's t interval of
    the logarithms of their times (Welch 1947, The Generalization of Student's Problem, with Satterthwaite's degrees of
    freedom). Equal times in all launches have an interval of no width.
    """
    times = [np.log(list(estimate.by_round.values())) for estimate in (later, earlier)]
    if min(map(len, times)) < 2:
        return None
    squared_errors = [float(values.var(ddof=1)) / len(values) for values in times]
    middle, error = float(times[0].mean() - times[1].mean()), math.sqrt(sum(squared_errors))
    parts = zip(squared_errors, times, strict=True)
    weighted = sum(squared**2 / (len(values) - 1) for squared, values in parts)
    freedom = error**4 / weighted if weighted else float(sum(map(len, times)) - 2)
    # rounded down, as a table is read; not below 4 where rounding errors make it 3.9999999
    half = student_quantile((1 + confidence) / 2, max(1, math.floor(freedom + 1e-6))) * error
    interval = Interval(math.exp(middle), math.exp(middle - half), math.exp(middle + half))
    return RatioOfRuns(interval, error, freedom)


def mean_of_fastest_third(times: np.ndarray) -> float:
    """Return the mean of the fastest third of the times."""
    return float(np.sort(times)[: _fastest_count(len(times))].mean())


def _log_times_of_common_rounds(first: Estimate, second: Estimate) -> np.ndarray | None:
    """Return the logarithms of the fastest calls in common rounds, 2 x rounds; None if the rounds are too few."""
    rounds = sorted(first.fastest_by_round.keys() & second.fastest_by_round.keys())
    if len(rounds) < MIN_ROUNDS:
        return None
    return np.log([[estimate.fastest_by_round[number] for number in rounds] for estimate in (first, second)])


def _p_value(times: np.ndarray, in_first: np.ndarray) -> float:
    """Return the fraction of divisions into two groups whose difference is at least that of the first division.

    `in_first` tells for each time (row) and each division (column) whether the time is in the first group. The
    times are sorted once for all divisions, so the fastest third of a group are the first of its members.
    """
    order = np.argsort(times)
    members = in_first[order]
    faster_in_first = np.zeros(members.shape, dtype=np.min_scalar_type(len(times)))
    for i in range(1, len(times)):  # a loop: NumPy's cumulative sum along this axis takes ten times as long
        np.add(faster_in_first[i - 1], members[i - 1].view(np.uint8), out=faster_in_first[i])
    faster_in_second = np.arange(len(times), dtype=faster_in_first.dtype)[:, None] - faster_in_first
    first_size = int(members[:, 0].sum())
    first_mean, second_mean = (
        times[order] @ (group & (faster < _fastest_count(size))) / _fastest_count(size)
        for group, faster, size in (
            (members, faster_in_first, first_size),
            (~members, faster_in_second, len(times) - first_size),
        )
    )
    differences = np.abs(first_mean - second_mean)
    return float(np.mean(differences >= differences[0] - MAX_ROUNDING))


def _fastest_count(launches: int) -> int:
    return max(1, int(launches * FASTEST_FRACTION))
