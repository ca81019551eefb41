"""Test the estimate of a whole product: free of costs paid once, of drift, and of first calls."""

from __future__ import annotations

import pytest

from harness.analysis.estimate import estimate_time, whole_from_rows
from harness.analysis.intervals import interval
from tests import factories

N = 100


def sample(number: int, rows: int, ns: float, **fields):
    return factories.sample(launch=number, n=N, rows=rows, ns=int(ns), **fields)


def test_first_call_of_a_launch_is_left_out():
    """A launch's first call does not count where there is another."""
    launch = factories.launch([900, 10, 12], n=N)

    assert estimate_time(launch, N, 100, 0).value_ns == 11


def test_slope_is_free_of_the_cost_of_a_launch():
    """Launches with two numbers of rows separate what a launch costs once from what each row costs."""
    fixed_ns, row_ns = 5000, 70
    samples = [sample(i, rows, fixed_ns + row_ns * rows) for i, rows in enumerate((5, 20) * 3)]

    estimate = estimate_time(samples, N, 100, 0)

    assert estimate.estimated and estimate.value_ns == fixed_ns + row_ns * N
    assert (estimate.rows, estimate.samples, estimate.launches) == (20, 6, 3)


def test_drift_between_rounds_slows_both_numbers_of_rows():
    """The interval of an estimate spans the rounds' own estimates, and is not widened by drift between them."""
    samples = []
    for i, slowdown in enumerate((1.0, 1.5, 1.5, 1.0, 1.0)):
        samples += [sample(2 * i, 5, 5e6 * slowdown), sample(2 * i + 1, 20, 20e6 * slowdown)]

    found = interval(estimate_time(samples, N, 500, 0), 0.95)

    assert (found.low, found.value, found.high) == pytest.approx((100e6, 100e6, 150e6), rel=0.01)


def test_whole_takes_no_less_than_its_part():
    """More rows that seem to take less time do not make an estimate below the time of those rows."""
    assert whole_from_rows(100, 5, 900.0, 20, 800.0) == 800.0


def test_blocks_of_rows_add_up_and_are_no_estimate():
    """Launches that together cover every row once are a measured whole."""
    samples = [sample(i, 25, 100 + i, row0=25 * i) for i in range(4)]

    estimate = estimate_time(samples, N, 100, 0)

    assert (estimate.value_ns, estimate.estimated, estimate.rows) == (406, False, 100)


def test_some_of_the_blocks_are_not_yet_a_whole():
    """There is no time before the last block of rows was measured."""
    samples = [sample(i, 25, 100, row0=25 * i) for i in range(3)]

    assert estimate_time(samples, N, 100, 0) is None


def test_no_samples_give_no_estimate():
    assert estimate_time([], N, 100, 0) is None
