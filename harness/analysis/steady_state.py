"""Decide whether a kernel had reached its steady state, by a trend test over the calls of each launch. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.analysis.estimate import after_warmup
from harness.model.result import SteadyState
from harness.model.sample import Sample

CRITICAL_Z = 2.576
"""Critical value of a two-sided test at 1%, in standard deviations: of a hundred steady kernels, one fails."""

MIN_TREND = 0.01
"""Smallest relative change over a launch that counts as warm-up: a smaller one does not matter, even if significant."""

MIN_CALLS = 3
"""Smallest number of calls of a launch for a trend: two calls have an order, but no half to compare."""


@dataclass(frozen=True)
class Steadiness:
    """The outcome of the trend test.

    `verdict` is "steady", "not steady" or "too few" (calls for the test). `trend` is the relative change from the first
    half of a launch's calls after warm-up to the second half, as the median over launches.
    """

    verdict: SteadyState
    trend: float


def steadiness(launches: Sequence[Sequence[Sample]]) -> Steadiness:
    """Test the calls of a kernel's launches for a trend, without each launch's first call if there are others.

    The Mann-Kendall test (Mann 1945, Nonparametric Tests Against Trend), with statistic and variance summed over the
    launches. Dropping a fixed number of calls would not do: a JIT may settle late, or never (Barrett et al. 2017,
    Virtual Machine Warmup Blows Hot and Cold).
    """
    calls = [times for launch in launches if len(times := after_warmup(launch)) >= MIN_CALLS]
    variance = sum(len(times) * (len(times) - 1) * (2 * len(times) + 5) / 18 for times in calls)
    max_score = sum(len(times) * (len(times) - 1) / 2 for times in calls)
    if not calls or (max_score - 1) / math.sqrt(variance) < CRITICAL_Z:
        return Steadiness(SteadyState.TOO_FEW, 0.0)
    trend = float(
        np.median(
            [np.median(times[(len(times) + 1) // 2 :]) / np.median(times[: len(times) // 2]) - 1 for times in calls]
        )
    )
    score = sum(_kendall_score(times) for times in calls)
    z = (abs(score) - 1) / math.sqrt(variance)  # minus 1: the continuity correction
    steady = z < CRITICAL_Z or abs(trend) < MIN_TREND
    return Steadiness(SteadyState.STEADY if steady else SteadyState.NOT_STEADY, trend)


def _kendall_score(times: list[float]) -> int:
    """Return Kendall's S: the number of pairs in which the later time is larger, minus those in which it is smaller."""
    return sum((later > earlier) - (later < earlier) for i, earlier in enumerate(times) for later in times[i + 1 :])
