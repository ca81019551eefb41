"""Test how a kernel is measured: whole, by some of the rows, or in blocks, by its pace and its rung alone."""

from __future__ import annotations

import math

import pytest

from harness.measure.effort import SCALES
from harness.measure.mode import BLOCK_ROWS, MAX_REPS, mode_of
from harness.measure.pilot import Pace
from harness.model.config import Effort

SCALE = SCALES[Effort.DEFAULT]
N = 4096


def mode(seconds: float, rung: str = "packed", threads: int = 1, up_to_s: float = 5, **pace):
    """Return the mode of a kernel whose whole product takes so long."""
    return mode_of(Pace(seconds * 1e9 / N, **pace), rung, N, threads, up_to_s * 1e9, SCALE)


def test_fast_kernel_is_measured_whole():
    assert mode(2).rows == (N,) and mode(2).reps == 2


@pytest.mark.parametrize("rung", ["naive", "divide"])
def test_slow_kernel_is_not_measured_whole(rung):
    assert max(mode(500, rung).rows) < N


def test_candidate_is_measured_whole_up_to_a_minute():
    assert mode(50, up_to_s=60).rows == (N,) and mode(50, up_to_s=60).reps == 1


def test_very_fast_kernel_is_called_for_as_long_as_the_effort_says():
    assert mode(0.05).reps * 0.05 >= SCALE.launch_ns / 1e9
    assert mode(1e-6).reps == MAX_REPS


def test_slow_start_is_outweighed_by_more_calls():
    assert mode(0.1, outside_ns=3e9).reps >= 30


def test_naive_loops_are_measured_by_one_number_of_rows():
    assert len(mode(500, "naive").rows) == 1 and mode(500, "naive").reps == 2


def test_row_of_seconds_is_computed_once():
    found = mode(4 * 3600, "naive")

    assert (found.rows, found.reps) == ((1,), 1)


def test_larger_of_two_numbers_of_rows_is_one_call_where_it_is_long():
    quick = SCALES[Effort.QUICK]

    def found(row_ns, **pace):
        return mode_of(Pace(row_ns, **pace), "parallel", N, 1, quick.whole_ns, quick)

    assert found(60e6).reps == 1 and found(60e6, warm_up_ns=1e9).reps == 2
    assert quick.rows_ns / quick.level_ratio < found(60e6).rows[0] * 60e6


def test_launch_has_as_many_rows_as_a_jit_needs_to_settle():
    assert mode(500, "naive", warm_up_rows=40).rows == (40,)


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("fixed_s", [0, 1, 4])
def test_blocked_kernel_is_measured_by_two_row_counts_that_outweigh_its_cost_per_call(threads, fixed_s):
    """The rows are whole blocks for each thread: on others, a kernel would seem slower."""
    pace = {"fixed_ns": fixed_s * 1e9}

    few, many = mode(300, "divide", threads, **pace).rows

    assert many == SCALE.level_ratio * few
    assert few * 300 / N >= 0.8 * (few * 300 / N + fixed_s)
    each = few // threads
    assert few == threads * each and (each.bit_count() == 1 or each % BLOCK_ROWS == 0)


def test_row_counts_are_no_larger_than_whole_blocks_need():
    assert mode(300, "divide", fixed_ns=3e9).rows == (192, SCALE.level_ratio * 192)


def test_launch_of_two_row_counts_is_one_call_unless_its_first_takes_longer():
    """A JIT's first call would count as if all calls were so."""
    assert mode(300, "divide").reps == 1
    assert mode(300, "divide", warm_up_ns=1e9).reps == 2


def test_blocked_kernel_whose_cost_per_call_is_like_the_product_is_measured_whole():
    assert mode(30, "divide", fixed_ns=12e9).rows == (N,)


def test_full_measures_all_rows():
    assert mode(100, "naive", up_to_s=math.inf).rows == (N,)


def test_full_measures_a_very_slow_kernel_in_blocks_of_a_minute():
    found = mode(4 * 3600, "naive", up_to_s=math.inf)

    assert found.blocks and found.rows[0] * 4 * 3600 / N == pytest.approx(60, rel=0.1)


def test_long_product_is_computed_twice_where_the_first_call_takes_longer():
    assert mode(20, up_to_s=60, warm_up_ns=1e9).reps == 2
