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
        "c/naive-paper": 400.0,
        "c/parallel": 20.0,
        "java/naive": 200.0,
        "java/packed": 2.0,
        "python/naive": 9_000.0,
        "python/naive-paper": 20_000.0,
        "python/naive-numba": 90.0,
        "rust/packed": 0.9,
        "c/library-mkl": 0.5,
    }
    rows = [timed_row(name, seconds) for name, seconds in times_s.items()]
    return climb([*rows, row("c/strassen", status="failed")], "python/naive")


def test_climb_goes_through_languages_then_up_the_ladder(steps):
    """The paper's own programs are no steps: from the baseline to its slower form would be a step back."""
    names = "python/naive java/naive c/naive c/parallel c/packed rust/packed"

    assert [step.row.kernel for step in steps] == names.split()


def test_factors_are_relative_to_the_step_before(steps):
    """The total is relative to the first."""
    assert [step.factor for step in steps][:3] == [None, 45.0, 2.0]
    assert steps[-1].times == pytest.approx(10_000)


@pytest.mark.parametrize("only", [timed_row("c/naive", 1.0), row("c/naive")])
def test_one_kernel_is_no_climb(only):
    assert climb([only], "python/naive") == []
