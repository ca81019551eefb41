"""Statistics: known quantiles, honest intervals, estimates free of fixed costs."""

from __future__ import annotations

import numpy as np
import pytest

from harness.model import Sample
from harness.stats import interval, ratio, student_quantile, summarise, whole_from_rows


def sample(
    launch: int, rows: int, ns: int, rep: int = 0, n: int = 100, row0: int = 0, kernel: str = "x/naive"
) -> Sample:
    return Sample(kernel, launch, rep, 1, "measure", n, rows, row0, 1, ns, "", "", ns, ns, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("freedom", "expected"), [(1, -12.706), (2, -4.303), (4, -2.776), (9, -2.262), (29, -2.045), (99, -1.984)]
)
def test_student_s_quantiles_are_those_of_the_tables(freedom, expected):
    assert student_quantile(0.025, freedom) == pytest.approx(expected, abs=0.001)


def test_a_launch_s_first_call_is_left_out_where_there_is_another():
    samples = [sample(0, 100, 900, rep=0), sample(0, 100, 10, rep=1), sample(0, 100, 12, rep=2)]
    assert summarise(samples, 100, 100, 0).value_ns == 11


def test_a_single_launch_has_no_interval():
    assert interval(summarise([sample(0, 100, 10)], 100, 100, 0), 0.95) is None


def test_an_interval_from_few_launches_is_their_whole_range():
    found = interval(summarise([sample(i, 100, ns) for i, ns in enumerate((10, 20, 90))], 100, 2000, 0), 0.95)
    assert (found.value, found.low, found.high) == (20, 10, 90)


@pytest.mark.parametrize("launches", [3, 5, 8, 20, 50])
def test_intervals_cover_the_true_median_about_as_often_as_they_say(launches):
    random = np.random.default_rng(launches)
    covered = 0
    for trial in range(300):
        # skewed as times are: a floor, and now and then a disturbance
        times = 1000 + random.exponential(30, launches)
        estimate = summarise([sample(i, 100, int(t)) for i, t in enumerate(times)], 100, 600, trial)
        found = interval(estimate, 0.95)
        covered += found.low <= 1000 + 30 * np.log(2) <= found.high
    # three values cannot cover a median in more than 75% of cases, whatever one does with them
    assert covered / 300 >= (0.70 if launches == 3 else 0.90)


def test_a_slope_is_free_of_what_a_launch_costs_once():
    fixed, row = 5000, 70
    samples = [sample(i, rows, fixed + row * rows) for i, rows in enumerate((5, 20) * 3)]
    estimate = summarise(samples, 100, 100, 0)
    assert estimate.estimated and estimate.value_ns == fixed + row * 100
    assert (estimate.rows, estimate.samples, estimate.launches) == (20, 6, 3)


def test_a_drift_between_rounds_falls_on_both_row_counts():
    samples = []
    for turn, speed in enumerate((1.0, 1.5, 1.5, 1.0, 1.0)):
        samples += [sample(2 * turn, 5, int(5e6 * speed)), sample(2 * turn + 1, 20, int(20e6 * speed))]
    found = interval(summarise(samples, 100, 500, 0), 0.95)
    assert (found.low, found.value, found.high) == (100e6, 100e6, 150e6)


def test_a_whole_takes_no_less_than_its_part():
    assert whole_from_rows(100, 5, 900.0, 20, 800.0) == 800.0


def test_rows_in_blocks_add_up_and_are_no_estimate():
    samples = [sample(i, 25, 100 + i, row0=25 * i) for i in range(4)]
    estimate = summarise(samples, 100, 100, 0)
    assert (estimate.value_ns, estimate.estimated, estimate.rows) == (406, False, 100)


def test_some_of_the_blocks_are_not_yet_a_whole():
    assert summarise([sample(i, 25, 100, row0=25 * i) for i in range(3)], 100, 100, 0) is None


def test_a_ratio_s_interval_holds_both_uncertainties():
    slow = summarise([sample(i, 100, t) for i, t in enumerate((100, 110, 120, 105, 115))], 100, 2000, 1)
    fast = summarise([sample(i, 100, t) for i, t in enumerate((10, 11, 12, 10, 11))], 100, 2000, 2)
    value, found = ratio(slow, fast, 0.95)
    assert value == 10
    assert found.low < 100 / 11 and found.high > 110 / 11


def test_the_errors_of_two_kernels_do_not_cancel_in_their_ratio():
    times = (100, 150, 200)
    one, other = (
        summarise([sample(i, 100, t, kernel=name) for i, t in enumerate(times)], 100, 2000, 1)
        for name in ("x/a", "x/b")
    )
    assert ratio(one, one, 0.95)[1].half_width == 0
    value, found = ratio(one, other, 0.95)
    assert (value, found.low, found.high) == (1, 0.5, 2)


def test_nothing_measured_gives_nothing():
    assert summarise([], 100, 100, 0) is None
