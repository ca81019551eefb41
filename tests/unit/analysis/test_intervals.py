"""Test intervals: against SciPy, by their coverage, and of ratios taken round by round."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from harness.analysis.estimate import Estimate, estimate_time
from harness.analysis.intervals import interval, location, ratio, student_quantile, welch
from tests import factories

N = 100


def estimate(times, rounds=None, kernel: str = "x/naive") -> Estimate:
    """Return the estimate from whole products that took these times, one per round, in rounds 0, 1, ... by default."""
    rounds = range(len(times)) if rounds is None else rounds
    samples = [
        factories.sample(launch=i, n=N, ns=int(time), round=number, kernel=kernel)
        for i, (time, number) in enumerate(zip(times, rounds, strict=True))
    ]
    return estimate_time(samples, N)


@pytest.mark.parametrize(
    ("probability", "freedom", "expected"),
    [(0.975, 1, 12.706), (0.975, 2, 4.303), (0.975, 9, 2.262), (0.9995, 1, 636.62)],
)
def test_student_quantiles_are_those_of_the_tables(probability, freedom, expected):
    assert student_quantile(probability, freedom) == pytest.approx(expected, abs=0.01)


def test_single_launch_has_no_interval():
    assert interval(estimate((10,)), 0.95) is None


@pytest.mark.parametrize("launches", [2, 3, 5])
def test_few_launches_have_student_s_interval_of_the_logarithms(launches):
    times = [10.0, 20.0, 90.0, 30.0, 40.0][:launches]
    logs = np.log(times)
    low, high = stats.t.interval(0.95, launches - 1, loc=logs.mean(), scale=stats.sem(logs))

    found = location(times, 0.95)

    assert (found.low, found.high) == pytest.approx((np.exp(low), np.exp(high)))


def test_six_launches_have_their_range():
    found = location((10, 20, 30, 40, 50, 90), 0.95)

    assert (found.low, found.high) == pytest.approx((10, 90))


def test_more_launches_leave_out_the_outermost():
    assert location((10, *[30] * 12, 90), 0.95).high < 60


def test_two_launches_far_apart_have_a_finite_interval():
    found = location((1e-9, 1e9), 0.999)

    assert 0 < found.low < found.value < found.high < float("inf")


@pytest.mark.parametrize("launches", [3, 5, 6, 8, 12, 20, 50])
def test_intervals_cover_the_centre_as_often_as_they_say(launches):
    random = np.random.default_rng(launches)
    covered = 0
    for _ in range(500):
        # long tails on both sides, on a log scale
        found = location(np.exp(0.03 * random.standard_t(4, launches)), 0.95)
        covered += found.low <= 1 <= found.high
    assert covered / 500 >= 0.93


def test_welch_is_scipy_s():
    first, second = [1.0, 2, 3.5], [2.0, 2.5, 5, 9]
    test = stats.ttest_ind(first, second, equal_var=False)

    assert welch(first, second).interval(0.9) == pytest.approx(tuple(test.confidence_interval(0.9)))


def test_welch_of_times_without_noise_is_their_difference():
    assert welch([3.0, 3.0], [1.0, 1.0, 1.0]).interval(0.95) == (2.0, 2.0)


def test_welch_needs_two_values_of_each():
    assert welch([3.0], [1.0, 1.0, 1.0]) is None


def test_ratio_across_rounds_holds_both_uncertainties():
    """Two kernels without a common round: the interval of the ratio is wider than that of either time."""
    slow = estimate((1000, 1100, 1200, 1050, 1150, 1100))
    fast = estimate((100, 110, 120, 105, 115, 110), range(10, 16), "x/b")

    value, found = ratio(slow, fast, 0.95)

    assert value == pytest.approx(10)
    assert found.half_width > 1.2 * interval(slow, 0.95).half_width / 2


def test_few_common_rounds_do_not_make_a_ratio_by_rounds():
    """Times that cancel in three common rounds leave both uncertainties in the interval."""
    times = (100, 150, 200)

    value, found = ratio(estimate(times), estimate(times, kernel="x/b"), 0.95)

    assert value == pytest.approx(1) and found.low <= 0.5 and found.high >= 2


def test_drift_of_both_kernels_leaves_their_ratio_alone():
    drift = np.array([1.0, 1.3, 1.7, 2.2, 1.5, 1.1])

    value, found = ratio(estimate(1.01e9 * drift), estimate(1e9 * drift, kernel="x/b"), 0.95)

    assert value == pytest.approx(1.01) and found.low > 1.009


def test_one_disturbed_round_does_not_move_a_ratio():
    times = np.full(9, 1e9)

    value, found = ratio(estimate([*times[:-1], 9e9]), estimate(times, kernel="x/b"), 0.95)

    assert value == pytest.approx(1) and found.low == pytest.approx(1)


@pytest.mark.parametrize("launches", [6, 12, 20])
def test_equal_kernels_are_seldom_told_apart_unequal_ones_often(launches):
    random = np.random.default_rng(launches)
    alarms = found_it = 0
    for _ in range(200):
        # heavy tails, and a drift that both share
        drift = np.exp(np.cumsum(random.normal(0, 0.03, launches)))
        noise = [1e9 * drift * np.exp(0.01 * random.standard_t(4, launches)) for _ in range(2)]
        equal = ratio(estimate(noise[0]), estimate(noise[1], kernel="x/b"), 0.95)[1]
        apart = ratio(estimate(noise[0] * 1.04), estimate(noise[1], kernel="x/b"), 0.95)[1]
        alarms += equal.low > 1 or equal.high < 1
        found_it += apart.low > 1
    assert alarms <= 200 * 0.05 + 9  # two standard deviations of a count of 10
    assert found_it >= 200 * (0.5 if launches == 6 else 0.9)
