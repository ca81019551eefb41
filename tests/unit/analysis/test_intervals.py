"""Test intervals: the published quantiles and factors, the coverage, and ratios taken round by round."""

from __future__ import annotations

import numpy as np
import pytest

from harness.analysis.estimate import Estimate, estimate_time
from harness.analysis.intervals import HALF_RANGES, interval, ratio, student_quantile
from tests import factories

N = 100


def sample(number: int, rows: int, ns: float, **fields):
    return factories.sample(launch=number, n=N, rows=rows, ns=int(ns), **fields)


def estimate(times, turns=None, kernel: str = "x/naive", resamples: int = 2000) -> Estimate:
    """Return the estimate from whole products that took these times, one per round, in rounds 0, 1, ... by default."""
    turns = range(len(times)) if turns is None else turns
    samples = [sample(i, N, t, round=turn, kernel=kernel) for i, (t, turn) in enumerate(zip(times, turns, strict=True))]
    return estimate_time(samples, N, resamples, 0)


@pytest.mark.parametrize(
    ("freedom", "expected"), [(1, -12.706), (2, -4.303), (4, -2.776), (9, -2.262), (29, -2.045), (99, -1.984)]
)
def test_student_quantiles_are_those_of_the_tables(freedom, expected):
    assert student_quantile(0.025, freedom) == pytest.approx(expected, abs=0.001)


@pytest.mark.parametrize(("launches", "published"), [(2, 6.353), (3, 1.304), (4, 0.717), (5, 0.507)])
def test_half_width_in_ranges_is_lord_s(launches, published):
    """The half width of a 95% interval from few launches, in ranges, is that of Lord 1947, table 9."""
    half_range = -student_quantile(0.025, launches - 1) / np.sqrt(launches) / HALF_RANGES[launches] / 2

    assert half_range == pytest.approx(published, rel=0.02)


def test_single_launch_has_no_interval():
    assert interval(estimate((10,), resamples=100), 0.95) is None


def test_interval_of_three_launches_is_wider_than_their_range():
    found = interval(estimate((10, 20, 90)), 0.95)

    assert found.value == 20 and found.low < 10 and found.high > 90


def test_interval_of_five_launches_is_their_range():
    found = interval(estimate((10, 20, 30, 40, 90)), 0.95)

    assert (found.value, found.low, found.high) == pytest.approx((30, 10, 90), rel=0.01)


def test_interval_of_two_launches_far_apart_is_finite():
    """The ends lie at most a factor of 1000 from the middle, whatever the confidence."""
    found = interval(estimate((10, 1000)), 0.999)

    assert (found.low, found.high) == pytest.approx((100 / 1000, 100 * 1000))


def test_two_equal_launches_do_not_close_either_end():
    """Two equal launches beside a disturbed one: the ends are 1.304 ranges from the middle, on a log scale."""
    found = interval(estimate((1000, 1010, 1500), resamples=600), 0.95)

    assert (found.low, found.high) == pytest.approx((722, 2078), rel=0.01)
    assert found.value == 1010


@pytest.mark.parametrize("launches", [3, 5, 8, 20, 50])
def test_intervals_cover_the_median_as_often_as_they_say(launches):
    random = np.random.default_rng(launches)
    covered = 0
    for trial in range(300):
        # skewed as times are: a floor, and now and then a disturbance
        times = 1000 + random.exponential(30, launches)
        summary = estimate_time([sample(i, 100, int(t)) for i, t in enumerate(times)], 100, 600, trial)
        found = interval(summary, 0.95)
        covered += found.low <= 1000 + 30 * np.log(2) <= found.high
    assert covered / 300 >= 0.90


def test_ratio_across_rounds_holds_both_uncertainties():
    """Two kernels without a common round: the interval of the ratio is as wide as both together."""
    slow, fast = estimate((100, 110, 120, 105, 115)), estimate((10, 11, 12, 10, 11), turns=range(10, 15), kernel="x/b")

    value, found = ratio(slow, fast, 0.95)

    assert value == 10
    assert found.low < 100 / 11 and found.high > 110 / 11


def test_errors_cancel_only_within_a_round():
    """Equal times in other rounds do not cancel in the ratio."""
    times = (100, 150, 200)

    value, found = ratio(estimate(times), estimate(times, turns=range(7, 10), kernel="x/b"), 0.95)

    assert value == 1 and found.low <= 0.5 and found.high >= 2


def test_drift_of_both_kernels_leaves_their_ratio_alone():
    drift = np.array([1.0, 1.3, 1.7, 2.2, 1.5, 1.1])

    value, found = ratio(estimate(1.01e9 * drift), estimate(1e9 * drift, kernel="x/b"), 0.95)

    assert value == pytest.approx(1.01) and found.low > 1.009


def test_one_disturbed_round_does_not_move_a_ratio():
    times = np.full(9, 1e9)

    value, found = ratio(estimate([*times[:-1], 9e9]), estimate(times, kernel="x/b"), 0.95)

    assert value == pytest.approx(1)
    assert found.low == pytest.approx(1)


def test_equal_samples_give_equal_intervals():
    """The bootstrap is seeded: the same samples give the same interval each time."""
    random = np.random.default_rng(5)
    pair = estimate(random.normal(1e9, 1e7, 8)), estimate(random.normal(1e9, 1e7, 8), kernel="x/b")

    assert ratio(*pair, 0.95) == ratio(*pair, 0.95)


@pytest.mark.parametrize("launches", [5, 10, 20])
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
    assert found_it >= 200 * (0.5 if launches == 5 else 0.9)
