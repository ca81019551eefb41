"""Statistics: known quantiles, honest intervals, estimates free of fixed costs."""

from __future__ import annotations

import numpy as np
import pytest

from harness.analysis.dispersion import outliers, variance_components
from harness.analysis.estimate import estimate_time, whole_from_rows
from harness.analysis.intervals import HALF_RANGES, hodges_lehmann, interval, ratio, student_quantile
from harness.model.sample import Sample


def sample(
    launch: int, rows: int, ns: int, rep: int = 0, n: int = 100, row0: int = 0, kernel: str = "x/naive", turn: int = -1
) -> Sample:
    turn = launch if turn < 0 else turn
    return Sample(kernel, launch, rep, 1, "measure", n, rows, row0, 1, ns, "", "", ns, ns, 0, 0, 0, 0, turn)


def estimate(times, turns=None, kernel: str = "x/naive"):
    """The estimate of whole products that took `times`, one a launch, in turns 0, 1, ... unless others are given."""
    turns = range(len(times)) if turns is None else turns
    return estimate_time(
        [
            sample(i, 100, int(t), turn=turn, kernel=kernel)
            for i, (t, turn) in enumerate(zip(times, turns, strict=True))
        ],
        100,
        2000,
        0,
    )


@pytest.mark.parametrize(
    ("freedom", "expected"), [(1, -12.706), (2, -4.303), (4, -2.776), (9, -2.262), (29, -2.045), (99, -1.984)]
)
def test_student_s_quantiles_are_those_of_the_tables(freedom, expected):
    assert student_quantile(0.025, freedom) == pytest.approx(expected, abs=0.001)


def test_a_launch_s_first_call_is_left_out_where_there_is_another():
    samples = [sample(0, 100, 900, rep=0), sample(0, 100, 10, rep=1), sample(0, 100, 12, rep=2)]
    assert estimate_time(samples, 100, 100, 0).value_ns == 11


def test_a_single_launch_has_no_interval():
    assert interval(estimate_time([sample(0, 100, 10)], 100, 100, 0), 0.95) is None


def test_an_interval_from_few_launches_is_wider_than_their_whole_range():
    found = interval(estimate_time([sample(i, 100, ns) for i, ns in enumerate((10, 20, 90))], 100, 2000, 0), 0.95)
    assert found.value == 20 and found.low < 10 and found.high > 90
    found = interval(
        estimate_time([sample(i, 100, ns) for i, ns in enumerate((10, 20, 30, 40, 90))], 100, 2000, 0), 0.95
    )
    assert (found.value, found.low, found.high) == pytest.approx((30, 10, 90), rel=0.01)


def test_an_interval_of_two_launches_far_apart_has_ends_all_the_same():
    found = interval(estimate_time([sample(i, 100, ns) for i, ns in enumerate((10, 1000))], 100, 2000, 0), 0.999)
    assert (found.low, found.high) == pytest.approx((100 / 1000, 100 * 1000))


def test_the_stretch_of_the_range_of_few_launches_is_lord_s():
    # Lord 1947, table 9: the half width of a 95% interval, in ranges
    for launches, published in ((2, 6.353), (3, 1.304), (4, 0.717), (5, 0.507)):
        half_range = -student_quantile(0.025, launches - 1) / np.sqrt(launches) / HALF_RANGES[launches] / 2
        assert half_range == pytest.approx(published, rel=0.02)


def test_two_equal_launches_beside_a_disturbed_one_leave_both_ends_open():
    summary = estimate_time([sample(i, 100, t) for i, t in enumerate((1000, 1010, 1500))], 100, 600, 0)
    found = interval(summary, 0.95)
    # the middle of the range, on a log scale, and 1.304 ranges to either side
    assert (found.low, found.high) == pytest.approx((722, 2078), rel=0.01)
    assert found.value == 1010


@pytest.mark.parametrize("launches", [3, 5, 8, 20, 50])
def test_intervals_cover_the_true_median_about_as_often_as_they_say(launches):
    random = np.random.default_rng(launches)
    covered = 0
    for trial in range(300):
        # skewed as times are: a floor, and now and then a disturbance
        times = 1000 + random.exponential(30, launches)
        summary = estimate_time([sample(i, 100, int(t)) for i, t in enumerate(times)], 100, 600, trial)
        found = interval(summary, 0.95)
        covered += found.low <= 1000 + 30 * np.log(2) <= found.high
    assert covered / 300 >= 0.90


def test_a_slope_is_free_of_what_a_launch_costs_once():
    fixed, row = 5000, 70
    samples = [sample(i, rows, fixed + row * rows) for i, rows in enumerate((5, 20) * 3)]
    found = estimate_time(samples, 100, 100, 0)
    assert found.estimated and found.value_ns == fixed + row * 100
    assert (found.rows, found.samples, found.launches) == (20, 6, 3)


def test_a_drift_between_rounds_falls_on_both_row_counts():
    samples = []
    for turn, speed in enumerate((1.0, 1.5, 1.5, 1.0, 1.0)):
        samples += [sample(2 * turn, 5, int(5e6 * speed)), sample(2 * turn + 1, 20, int(20e6 * speed))]
    found = interval(estimate_time(samples, 100, 500, 0), 0.95)
    assert (found.low, found.value, found.high) == pytest.approx((100e6, 100e6, 150e6), rel=0.01)


def test_a_whole_takes_no_less_than_its_part():
    assert whole_from_rows(100, 5, 900.0, 20, 800.0) == 800.0


def test_rows_in_blocks_add_up_and_are_no_estimate():
    samples = [sample(i, 25, 100 + i, row0=25 * i) for i in range(4)]
    found = estimate_time(samples, 100, 100, 0)
    assert (found.value_ns, found.estimated, found.rows) == (406, False, 100)


def test_some_of_the_blocks_are_not_yet_a_whole():
    assert estimate_time([sample(i, 25, 100, row0=25 * i) for i in range(3)], 100, 100, 0) is None


def test_a_ratio_of_kernels_that_did_not_take_turns_holds_both_uncertainties():
    slow, fast = estimate((100, 110, 120, 105, 115)), estimate((10, 11, 12, 10, 11), turns=range(10, 15), kernel="x/b")
    value, found = ratio(slow, fast, 0.95)
    assert value == 10
    assert found.low < 100 / 11 and found.high > 110 / 11


def test_the_errors_of_two_kernels_do_not_cancel_in_their_ratio_unless_they_took_turns():
    one = estimate((100, 150, 200))
    value, found = ratio(one, estimate((100, 150, 200), turns=range(7, 10), kernel="x/b"), 0.95)
    assert value == 1 and found.low <= 0.5 and found.high >= 2


def test_a_drift_that_falls_on_both_kernels_leaves_their_ratio_alone():
    drift = np.array([1.0, 1.3, 1.7, 2.2, 1.5, 1.1])
    value, found = ratio(estimate(1.01e9 * drift), estimate(1e9 * drift, kernel="x/b"), 0.95)
    assert value == pytest.approx(1.01) and found.low > 1.009


def test_one_disturbed_round_does_not_move_a_ratio():
    times = np.full(9, 1e9)
    value, found = ratio(estimate([*times[:-1], 9e9]), estimate(times, kernel="x/b"), 0.95)
    assert value == pytest.approx(1)
    assert found.low == pytest.approx(1)


def test_the_same_samples_always_give_the_same_interval():
    random = np.random.default_rng(5)
    pair = estimate(random.normal(1e9, 1e7, 8)), estimate(random.normal(1e9, 1e7, 8), kernel="x/b")
    assert ratio(*pair, 0.95) == ratio(*pair, 0.95)


@pytest.mark.parametrize("launches", [5, 10, 20])
def test_equal_kernels_are_seldom_told_apart_and_a_difference_of_two_deviations_often(launches):
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


def test_the_median_of_pairs_is_that_of_all_means_of_two():
    values = np.array([[1.0, 2.0, 6.0]])
    assert hodges_lehmann(values)[0] == np.median([1, 1.5, 3.5, 2, 4, 6])


def test_what_calls_vary_is_not_taken_for_what_launches_vary():
    random = np.random.default_rng(3)

    def launches(between: float, within: float) -> list:
        centres = 1e9 * np.exp(random.normal(0, between, 200))
        return [
            [sample(i, 100, int(c * np.exp(random.normal(0, within))), rep=rep) for rep in range(6)]
            for i, c in enumerate(centres)
        ]

    assert variance_components(launches(0.0, 0.02)) == pytest.approx((0.0, 0.02), abs=0.004)
    assert variance_components(launches(0.02, 0.002)) == pytest.approx((0.02, 0.002), rel=0.2)
    assert variance_components([[sample(0, 100, 5)]]) == (None, None)


def test_a_call_that_is_far_from_the_others_is_an_outlier_and_a_spread_is_not():
    calls = [sample(0, 100, ns, rep=rep) for rep, ns in enumerate((900, 100, 101, 99, 102, 100, 300))]
    assert outliers([calls]) == [300]
    assert outliers([[sample(0, 100, ns, rep=rep) for rep, ns in enumerate((0, 80, 90, 100, 110, 120))]]) == []


def test_nothing_measured_gives_nothing():
    assert estimate_time([], 100, 100, 0) is None
