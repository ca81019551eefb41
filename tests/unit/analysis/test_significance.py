"""Test which of two kernels is called slower: with the stated error rate under drift, and not from few rounds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from harness.analysis.estimate import Estimate
from harness.analysis.significance import MIN_ROUNDS, between_runs, significantly_slower
from tests import factories


def estimate(times, first_turn: int = 0) -> Estimate:
    """Return the estimate from whole products, one launch per round, whose fastest calls took these times (ns)."""
    values = np.array(times, dtype=float)
    rounds = {first_turn + i: float(value) for i, value in enumerate(values)}
    random = np.random.default_rng(len(values) + first_turn)
    replicates = np.median(values[random.integers(0, len(values), (1000, len(values)))], axis=1)
    return factories.estimate(
        value_ns=float(np.median(values)),
        replicates_ns=replicates,
        launches=len(values),
        samples=len(values),
        minimum_ns=values.min(),
        by_round=rounds,
        fastest_by_round=rounds,
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


def test_one_percent_more_work_is_found_in_larger_noise():
    random = np.random.default_rng(2)
    found = sum(
        significantly_slower(estimate(noisy(random, 40, 1.01e8)), estimate(noisy(random, 40)), 0.95) for _ in range(100)
    )
    assert found >= 70


def test_faster_kernel_is_never_called_slower():
    random = np.random.default_rng(3)
    slow, fast = estimate(noisy(random, 20, 1.2e8)), estimate(noisy(random, 20))
    assert significantly_slower(slow, fast, 0.95)
    assert not significantly_slower(fast, slow, 0.95)


def test_six_rounds_suffice_for_a_permutation_test():
    slow, fast = [1.1e8 + i for i in range(MIN_ROUNDS)], [1e8 + i for i in range(MIN_ROUNDS)]

    assert significantly_slower(estimate(slow), estimate(fast), 0.95)


def test_fewer_rounds_are_judged_by_the_ratio_of_typical_times():
    """Three rounds of which one contradicts the others do not make a kernel slower."""
    one, other = estimate([1e8, 1.3e8, 1.6e8]), estimate([1e8, 1.25e8, 1.7e8])

    assert not significantly_slower(one, other, 0.95)


def test_equal_samples_give_the_same_answer():
    random = np.random.default_rng(4)
    pair = estimate(noisy(random, 30, 1.005e8)), estimate(noisy(random, 30))

    assert len({significantly_slower(*pair, 0.95) for _ in range(5)}) == 1


@pytest.mark.parametrize("rounds", [3, 6, 20])
def test_runs_of_equal_kernels_are_seldom_told_apart(rounds):
    random = np.random.default_rng(rounds)
    alarms = 0
    for _ in range(100):
        found = between_runs(estimate(noisy(random, rounds)), estimate(noisy(random, rounds), first_turn=50), 0.99)
        alarms += not found.interval.low <= 1 <= found.interval.high
    assert alarms <= 4  # one of a hundred expected


def test_runs_of_unequal_kernels_are_told_apart():
    """A difference of 10% is found between runs, and lies in its interval."""
    random = np.random.default_rng(9)
    found = [between_runs(estimate(noisy(random, 60, 1.1e8)), estimate(noisy(random, 60)), 0.99) for _ in range(40)]
    assert sum(one.interval.low > 1 for one in found) >= 30
    assert sum(one.interval.low <= 1.1 <= one.interval.high for one in found) >= 37


def test_runs_of_single_launches_have_no_interval():
    assert between_runs(estimate([1e8]), estimate([1e8]), 0.99) is None


def test_ratio_of_runs_has_the_error_of_its_interval():
    """Equally scattered groups of n and m launches have n + m - 2 degrees of freedom."""
    times = [1e8 * factor for factor in (0.98, 1.0, 1.02)]

    found = between_runs(estimate(times), estimate(times), 0.99)

    assert found.interval.value == 1
    assert found.freedom == pytest.approx(4)
    assert math.log(found.interval.high) == pytest.approx(4.604 * found.standard_error, rel=1e-3)


def test_runs_with_equal_times_have_an_interval_of_no_width():
    found = between_runs(estimate([2e8, 2e8, 2e8]), estimate([1e8, 1e8]), 0.99)

    assert (found.interval.low, found.interval.high) == pytest.approx((2, 2))
    assert (found.standard_error, found.freedom) == (0, 3)
