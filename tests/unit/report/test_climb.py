"""Test the climb: from the baseline through the languages and up the ladder of C."""

from __future__ import annotations

import pytest

from harness.report.climb import climb
from tests.factories import row, timed_row


@pytest.fixture
def steps():
    times_s = {
        "c/packed": 1.0,
        "c/naive": 100.0,
        "c/naive-O0": 400.0,
        "c/parallel": 20.0,
        "java/naive": 200.0,
        "java/packed": 2.0,
        "python/naive": 9_000.0,
        "python/naive-numba": 90.0,
        "rust/packed": 0.9,
        "c/library-mkl": 0.5,
    }
    rows = [timed_row(name, seconds) for name, seconds in times_s.items()]
    return climb([*rows, row("c/strassen", status="failed")], "python/naive")


def test_climb_goes_through_languages_then_up_the_ladder(steps):
    names = "python/naive java/naive c/naive-O0 c/naive c/parallel c/packed rust/packed"

    assert [step.row.kernel for step in steps] == names.split()


def test_factors_are_relative_to_the_step_before(steps):
    """A step may be slower than the one before it; the total is relative to the first."""
    assert [step.factor for step in steps][:3] == [None, 45.0, 0.5]
    assert steps[-1].times == pytest.approx(10_000)


def test_paper_factors_are_relative_to_the_paper_s_last_row(steps):
    """Where the paper lacks a step, the factor is relative to its row before, in seconds."""
    assert steps[2].paper.version == "C" and steps[2].paper_factor == pytest.approx(2_372.68 / 542.67)
    assert steps[4].paper_factor == pytest.approx(542.67 / 69.80)


@pytest.mark.parametrize("only", [timed_row("c/naive", 1.0), row("c/naive")])
def test_one_kernel_is_no_climb(only):
    assert climb([only], "python/naive") == []
