"""Test which of two kernels is called slower: with the stated error rate under drift, and not from few rounds."""

from __future__ import annotations

import numpy as np
import pytest

from harness.analysis.estimate import Estimate
from harness.analysis.hodges_lehmann import hodges_lehmann
from harness.analysis.significance import between_runs, significantly_slower
from tests import factories


def estimate(times, first_round: int = 0) -> Estimate:
    """Return the estimate from whole products, one launch per round, that took these times (ns)."""
    values = [float(time) for time in times]
    return factories.estimate(
        value_ns=hodges_lehmann(values), samples=len(values), by_round=dict(enumerate(values, first_round))
    )


def noisy(random: np.random.Generator, rounds: int, floor: float = 1e8) -> np.ndarray:
    """Return times with a minimum, a tail above it, and in one of ten rounds a long disturbance."""
    return floor * (
        1 + random.exponential(0.02, rounds) + (random.random(rounds) < 0.1) * random.exponential(0.3, rounds)
    )


def test_false_alarms_are_as_rare_as_stated_under_drift():
    random = np.random.default_rng(1)
    alarms = 0
    for _ in range(300):
        drift = np.exp(np.cumsum(random.normal(0, 0.05, 12)))
        one, other = (estimate(noisy(random, 12) * drift) for _ in range(2))
        alarms += significantly_slower(one, other, 0.95) or significantly_slower(other, one, 0.95)
    assert alarms <= 300 * 0.05 + 8  # two standard deviations above 15


def test_three_percent_more_work_is_found_in_larger_noise():
    random = np.random.default_rng(2)
    found = sum(
        significantly_slower(estimate(noisy(random, 24, 1.03e8)), estimate(noisy(random, 24)), 0.95) for _ in range(100)
    )
    assert found >= 70


def test_faster_kernel_is_never_called_slower():
    random = np.random.default_rng(3)
    slow, fast = estimate(noisy(random, 20, 1.2e8)), estimate(noisy(random, 20))
    assert significantly_slower(slow, fast, 0.95)
    assert not significantly_slower(fast, slow, 0.95)


def test_fewer_rounds_are_judged_by_the_ratio_of_typical_times():
    """Three rounds of which one contradicts the others do not make a kernel slower."""
    one, other = estimate([1e8, 1.3e8, 1.6e8]), estimate([1e8, 1.25e8, 1.7e8])

    assert not significantly_slower(one, other, 0.95)


@pytest.mark.parametrize("rounds", [3, 6, 20])
def test_runs_of_equal_kernels_are_seldom_told_apart(rounds):
    random = np.random.default_rng(rounds)
    alarms = 0
    for _ in range(100):
        found = between_runs(estimate(noisy(random, rounds)), estimate(noisy(random, rounds), first_round=50), 0.99)
        alarms += not found.interval.low <= 1 <= found.interval.high
    assert alarms <= 4  # one of a hundred expected


def test_runs_of_unequal_kernels_are_told_apart():
    """A difference of 20% is found between runs, and lies in its interval."""
    random = np.random.default_rng(9)
    found = [
        between_runs(estimate(noisy(random, 20, 1.2e8)), estimate(noisy(random, 20)), 0.99).interval for _ in range(40)
    ]
    assert sum(one.low > 1 for one in found) >= 30
    assert sum(one.low <= 1.2 <= one.high for one in found) >= 37


def test_runs_of_single_launches_have_no_interval():
    assert between_runs(estimate([1e8]), estimate([1e8]), 0.99) is None
