"""The plan of a run's first answer, and its sentence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.measure.first_answer import FirstTime, Sizing, pair_of, sentence, sizing_of
from harness.model.config import Backend
from harness.model.job import Absent
from harness.util.paths import ROOT
from tests import factories

NAIVE, PACKED = factories.kernel("python/naive"), factories.kernel("c/packed", threaded=True)


def test_the_sentence_has_two_times_and_their_ratio_and_says_that_the_run_refines_it():
    base = FirstTime("python/naive", threads=1, n=4096, rows=1, call_ns=4_250_000_000)
    fast = FirstTime("c/packed", threads=2, n=4096, rows=4096, call_ns=2_090_000_000)

    assert sentence(base, fast) == (
        "First answer, from one native launch each: python/naive takes about 4 h 50 min (from 1 of 4096 rows) and "
        "c/packed about 2.1 s (2 threads): about 8,300 times. "
        "The run refines this while it builds and measures the rest."
    )


def test_a_product_that_was_measured_whole_has_no_number_of_rows():
    time = FirstTime("c/naive", threads=1, n=512, rows=512, call_ns=150_000_000)

    assert "c/naive takes about 150 ms and c/naive about 150 ms: about 1.0 times." in sentence(time, time)


@pytest.mark.parametrize(
    ("kernel", "step_ns", "n", "plan"),
    [
        (NAIVE, 60, 4096, Sizing(1, 1)),  # 4.0 s for a row
        (NAIVE, 60, 1024, Sizing(19, 1)),  # 0.25 s for a row
        (NAIVE, 1, 512, Sizing(512, 2)),  # 0.54 s for all rows
        (PACKED, 0.03, 4096, Sizing(4096, 2)),  # 2.1 s for all rows
        (PACKED, 0.1, 4096, Sizing(4096, 1)),  # 6.9 s for all rows
    ],
)
def test_a_launch_is_as_long_as_a_minute_allows(kernel, step_ns, n, plan):
    assert sizing_of(kernel, step_ns, n) == plan


def test_a_row_that_takes_too_long_is_not_computed():
    plan = sizing_of(NAIVE, 60, 32_768)

    assert plan == Absent("python/naive would take about 4 min 20 s for 1 of 32768 rows")


def test_few_rows_of_a_kernel_that_works_in_blocks_are_not_computed():
    plan = sizing_of(PACKED, 1, 4096)

    assert plan == Absent("c/packed would take about 69 s for 4096 of 4096 rows")


def test_the_baseline_is_compared_with_c_packed():
    assert pair_of([PACKED, factories.kernel(), NAIVE], NAIVE.id, Backend.NATIVE) == (NAIVE, PACKED)


@pytest.mark.parametrize(
    ("kernels", "reason"),
    [
        ([NAIVE], "this run does not measure c/packed"),
        ([PACKED], "this run does not measure python/naive"),
        ([], "this run does not measure python/naive and c/packed"),
    ],
)
def test_both_kernels_must_be_selected(kernels, reason):
    assert pair_of(kernels, NAIVE.id, Backend.NATIVE) == Absent(reason)


def test_c_packed_is_not_compared_with_itself():
    assert pair_of([PACKED], PACKED.id, Backend.NATIVE) == Absent("the baseline is c/packed itself")


def test_only_the_projects_own_kernels_run_outside_containers():
    own = [replace(kernel, folder=ROOT / "kernels" / kernel.language) for kernel in (NAIVE, PACKED)]
    foreign = [own[0], replace(PACKED, folder=Path("/elsewhere/c"))]

    assert pair_of(own, NAIVE.id, Backend.DOCKER) == tuple(own)
    assert pair_of(foreign, NAIVE.id, Backend.DOCKER) == Absent(
        "c/packed may run in containers only, being no kernel of this project"
    )
