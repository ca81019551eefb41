"""Decide which of two kernels is faster, in one run or between two runs. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from harness.analysis.estimate import Estimate
from harness.analysis.intervals import ratio, welch
from harness.model.result import Interval


def significantly_slower(slower: Estimate, faster: Estimate, confidence: float) -> bool:
    """Return whether `slower` is slower than `faster`: the whole interval of the ratio of their times is above 1.

    One estimator serves for ratio, interval and order, so that no page calls a kernel slower whose interval says that
    it may be faster.
    """
    interval = ratio(slower, faster, confidence)[1]
    return interval is not None and interval.low > 1


@dataclass(frozen=True)
class RatioOfRuns:
    """A kernel's time in a later run divided by that in an earlier one, with its interval.

    `standard_error` is that of the ratio's logarithm, `freedom` the degrees of freedom of Student's distribution from
    which the interval follows.
    """

    interval: Interval
    standard_error: float
    freedom: float


def between_runs(later: Estimate, earlier: Estimate, confidence: float) -> RatioOfRuns | None:
    """Return the ratio of a kernel's times in two runs, by Welch's interval; None if either run has a single launch.

    Rounds of two runs have nothing in common, so that nothing cancels.
    """
    logs = [np.log(list(estimate.by_round.values())) for estimate in (later, earlier)]
    difference = welch(logs[0], logs[1])
    if difference is None:
        return None
    low, high = difference.interval(confidence)
    interval = Interval(math.exp(difference.value), math.exp(low), math.exp(high))
    return RatioOfRuns(interval, difference.standard_error, difference.freedom)
