"""A tried kernel's row and place, from made-up samples and pilots."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.attempt.compared import Piloted, compared_with
from harness.attempt.comparison import Beside, Measured
from harness.attempt.own_kernel import Attempt
from harness.attempt.source import Form
from harness.model.job import Failed, Stage
from tests import factories

NAIVE, INTERCHANGE, TILED, PACKED = LADDER = tuple(
    factories.kernel(f"x/{rung}") for rung in ("naive", "interchange", "tiled", "packed")
)

ATTEMPT = Attempt(Path("my.x"), replace(NAIVE, variant="try"), Form.FUNCTION, NAIVE)

PILOT_S = {"x/try": 2.0, "x/naive": 10.0, "x/interchange": 2.1, "x/tiled": 0.5, "x/packed": 0.1}


def samples(seconds):
    """Return those of eight launches of a kernel."""
    return [each for number in range(8) for each in factories.launch([seconds * 1e9], number, n=64, rows=64)]


@pytest.fixture
def compared(tmp_path):
    """Return a function that compares the attempt beside kernels that were measured and kernels that failed."""

    def compared(measured, failures=()):
        found = Measured(
            samples={name: samples(PILOT_S[name]) for name in ("x/try", *measured)},
            failures={name: Failed(Stage.MEASURE, "it crashed") for name in failures},
            peak=None,
            beside={"x/try": Beside(LADDER)},
            pilot_s=PILOT_S,
        )
        return compared_with([ATTEMPT], found, LADDER, factories.config(tmp_path))["x/try"]

    return compared


def test_rungs_without_a_turn_have_the_times_of_their_pilots(compared):
    assert compared(["x/naive", "x/packed"]).piloted == (Piloted("x/interchange", 2.1), Piloted("x/tiled", 0.5))


def test_rung_that_failed_in_its_turn_has_no_time(compared):
    assert compared(["x/naive", "x/packed"], ["x/tiled"]).piloted == (Piloted("x/interchange", 2.1),)


def test_no_rung_is_left_where_all_had_a_turn(compared):
    found = compared([kernel.id for kernel in LADDER])

    assert found.piloted == ()
    assert (found.naive, found.standing.below, found.upcoming) == (NAIVE, INTERCHANGE, TILED)
