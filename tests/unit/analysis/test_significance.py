"""Which of two kernels is faster: exact under any drift, sharp where noise only slows, silent where rounds are few."""

from __future__ import annotations

import numpy as np
import pytest

from harness.analysis.estimate import Estimate
from harness.analysis.significance import MIN_ROUNDS, between_runs, significantly_slower


def estimate(times, first_turn: int = 0) -> Estimate:
    """Whole products, one launch a round, whose fastest calls took `times` ns."""
    values = np.array(times, dtype=float)
    rounds = {first_turn + i: float(value) for i, value in enumerate(values)}
    random = np.random.default_rng(len(values) + first_turn)
    replicates = np.median(values[random.integers(0, len(values), (1000, len(values)))], axis=1)
    median = float(np.median(values))
    return Estimate(median, replicates, len(values), len(values), values.min(), 64, False, rounds, rounds)


def noisy(random: np.random.Generator, rounds: int, floor: float = 1e8) -> np.ndarray:
    """Times with a floor, a tail above it, and now and then a long disturbance."""
    return floor * (
        1 + random.exponential(0.02, rounds) + (random.random(rounds) < 0.1) * random.exponential(0.3, rounds)
    )


def test_equal_kernels_are_called_different_in_one_of_twenty_cases_whatever_the_drift():
    random = np.random.default_rng(1)
    alarms = 0
    for _ in range(300):
        drift = np.exp(np.cumsum(random.normal(0, 0.05, 12)))
        one, other = (estimate(noisy(random, 12) * drift) for _ in range(2))
        alarms += significantly_slower(one, other, 0.95) or significantly_slower(other, one, 0.95)
    assert alarms <= 300 * 0.05 + 8  # two standard deviations above 15


def test_a_percent_more_work_is_found_in_noise_that_is_larger():
    random = np.random.default_rng(2)
    found = sum(
        significantly_slower(estimate(noisy(random, 40, 1.01e8)), estimate(noisy(random, 40)), 0.95) for _ in range(100)
    )
    assert found >= 70


def test_the_slower_one_is_never_called_the_faster_one():
    random = np.random.default_rng(3)
    slow, fast = estimate(noisy(random, 20, 1.2e8)), estimate(noisy(random, 20))
    assert significantly_slower(slow, fast, 0.95)
    assert not significantly_slower(fast, slow, 0.95)


def test_six_rounds_can_tell_and_five_go_by_the_ratio_of_typical_times():
    apart = [1.1e8 + i for i in range(MIN_ROUNDS)], [1e8 + i for i in range(MIN_ROUNDS)]
    assert significantly_slower(*map(estimate, apart), 0.95)
    few = estimate([1e8, 1.3e8, 1.6e8]), estimate([1e8, 1.25e8, 1.7e8])
    assert not significantly_slower(*few, 0.95)


def test_the_answer_is_the_same_each_time():
    random = np.random.default_rng(4)
    pair = estimate(noisy(random, 30, 1.005e8)), estimate(noisy(random, 30))
    assert len({significantly_slower(*pair, 0.95) for _ in range(5)}) == 1


@pytest.mark.parametrize("rounds", [3, 6, 20])
def test_two_runs_of_equal_kernels_are_seldom_told_apart(rounds):
    random = np.random.default_rng(rounds)
    alarms = 0
    for _ in range(100):
        found = between_runs(estimate(noisy(random, rounds)), estimate(noisy(random, rounds), first_turn=50), 0.99)
        alarms += not found.low <= 1 <= found.high
    assert alarms <= 4  # one of a hundred expected


def test_two_runs_of_unequal_kernels_are_told_apart_and_the_interval_holds_the_truth():
    random = np.random.default_rng(9)
    found = [between_runs(estimate(noisy(random, 20, 1.1e8)), estimate(noisy(random, 20)), 0.99) for _ in range(40)]
    assert sum(one.low > 1 for one in found) >= 38
    assert sum(one.low <= 1.1 <= one.high for one in found) >= 37


def test_two_runs_of_single_launches_have_no_interval():
    assert between_runs(estimate([1e8]), estimate([1e8]), 0.99) is None
