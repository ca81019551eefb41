"""Test the n, rows and calls at which kernels are counted."""

from __future__ import annotations

import pytest

from harness.explain.counting_plan import CountingPlan, Pace, Pilot, Shape, next_pilot, pace_of, plan_counting


def test_rows_of_a_fast_kernel_are_counted_at_the_full_n():
    plan = plan_counting(True, 4096, Pace(0.1, 30e-9))

    assert (plan.n, plan.shorter, plan.longer) == (4096, Shape(1, 1), Shape(9, 1))
    assert plan.rows == 8


def test_rows_of_an_interpreter_are_counted_at_half_of_n():
    plan = plan_counting(True, 4096, Pace(2.0, 3e-6))

    assert (plan.n, plan.rows) == (2048, 1)


def test_blocks_are_counted_whole_in_ten_seconds_a_product():
    plan = plan_counting(False, 4096, Pace(0.1, 50e-9))

    assert (plan.n, plan.shorter, plan.longer) == (512, Shape(512, 1), Shape(512, 2))
    assert plan.rows == 512


@pytest.mark.parametrize("n", [1, 2, 17])
def test_small_matrices_are_counted_too(n):
    plan = plan_counting(True, n, Pace(0.1, 30e-9))

    assert plan.n == n and plan.rows >= 1
    assert max(plan.shorter.rows, plan.longer.rows) <= n


RATE = 1e8
"""Instructions that a launch executes in a second."""


def pilots_of(start_s: float, step_s: float, n: int) -> list[Pilot]:
    """Return the pilots that a kernel of this pace gets in a run with this n."""
    pilots: list[Pilot] = []
    while size := next_pilot(pilots, n):
        seconds = start_s + step_s * size**3
        pilots.append(Pilot(size, seconds, round(RATE * seconds)))
    return pilots


def test_next_difference_has_twice_as_many_rows():
    """It begins where the last one ended, so that it costs one launch."""
    few_rows, calls = CountingPlan(64, Shape(1, 1), Shape(9, 1)), CountingPlan(64, Shape(64, 1), Shape(64, 2))

    assert few_rows.doubled() == CountingPlan(64, Shape(9, 1), Shape(25, 1))
    assert calls.doubled() == CountingPlan(64, Shape(64, 2), Shape(64, 4))
    assert few_rows.doubled().rows == 2 * few_rows.rows and calls.doubled().rows == 2 * calls.rows


def test_there_is_no_next_difference_of_more_rows_than_a_product_has():
    assert CountingPlan(16, Shape(1, 1), Shape(9, 1)).doubled() is None


def test_pace_leaves_the_start_out():
    pace = pace_of(pilots_of(2.0, 1e-6, 4096))

    assert pace.start_s == pytest.approx(2.0) and pace.step_s == pytest.approx(1e-6)


def test_pilots_grow_until_their_work_is_told_from_the_start():
    """A library that starts for minutes would seem to compute in no time by small pilots."""
    assert [pilot.n for pilot in pilots_of(2.0, 1e-6, 4096)] == [32, 96]
    assert [pilot.n for pilot in pilots_of(5.0, 5e-9, 4096)] == [32, 96, 288]
    assert [pilot.n for pilot in pilots_of(150.0, 5e-9, 4096)] == [32, 96, 288, 864]


def test_busy_machine_has_the_same_pilots():
    """Other pilots could lead to another n, and counts that cannot be compared."""
    slow = [Pilot(32, 9.0, 200_000_000), Pilot(96, 8.0, 212_000_000)]

    assert next_pilot(slow, 4096) is None and pace_of(slow).step_s > 0


def test_pilots_end_at_the_n_of_the_run():
    assert [pilot.n for pilot in pilots_of(5.0, 5e-9, 64)] == [32, 96]


def test_pilots_of_equal_work_have_a_pace_above_zero():
    assert pace_of([Pilot(32, 1.0, 1000), Pilot(96, 0.9, 999)]).step_s > 0
