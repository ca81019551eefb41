"""Had a kernel settled when it was timed? A trend test over the calls of each launch. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.analysis.estimate import after_warmup
from harness.model.result import SteadyState
from harness.model.sample import Sample

SIGNIFICANT = 2.576
"""z of a two-sided test at 1%: of a hundred settled kernels, one is called unsettled."""

MIN_TREND = 0.01
"""A smaller change over a launch is no warm-up, however surely it is there."""


@dataclass(frozen=True)
class Steadiness:
    """`verdict` is "steady", "not steady" or "too few" (calls to tell); `trend` the change from the first half of a
    launch's steady calls to the second, as a share."""

    verdict: SteadyState
    trend: float


def steadiness(launches: Sequence[Sequence[Sample]]) -> Steadiness:
    """Judge the calls of a kernel's launches, each launch's first one left out where there is another.

    Mann and Kendall's test for a trend (Mann 1945), its statistic and variance summed over launches. A fixed number
    of calls before the first that counts would not do: a JIT may settle late, or never (Barrett et al. 2017, Virtual
    Machine Warmup Blows Hot and Cold).
    """
    calls = [times for launch in launches if len(times := after_warmup(launch)) >= 3]
    variance = sum(len(times) * (len(times) - 1) * (2 * len(times) + 5) / 18 for times in calls)
    largest = sum(len(times) * (len(times) - 1) / 2 for times in calls)
    if not calls or (largest - 1) / math.sqrt(variance) < SIGNIFICANT:
        return Steadiness(SteadyState.TOO_FEW, 0.0)
    trend = float(
        np.median(
            [np.median(times[(len(times) + 1) // 2 :]) / np.median(times[: len(times) // 2]) - 1 for times in calls]
        )
    )
    score = sum(_concordance(times) for times in calls)
    z = (abs(score) - 1) / math.sqrt(variance)
    settled = z < SIGNIFICANT or abs(trend) < MIN_TREND
    return Steadiness(SteadyState.STEADY if settled else SteadyState.NOT_STEADY, trend)


def _concordance(times: list[float]) -> int:
    return sum((later > earlier) - (later < earlier) for i, earlier in enumerate(times) for later in times[i + 1 :])
