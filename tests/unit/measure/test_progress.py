"""Test what is said while a run measures: the time that is left, and the answer so far."""

from __future__ import annotations

import pytest

from harness.measure.mode import Mode
from harness.measure.plan import Plan
from harness.measure.progress import left_s, speedup_so_far
from tests import factories

PLAN = Plan({"x/naive": Mode((64,)), "c/packed": Mode((64,))}, {"x/naive": (1, 2, 3), "c/packed": (1, 3)}, "c/packed")


def samples(name: str, ns: float, rounds: int):
    return [s for i in range(1, rounds + 1) for s in factories.launch([ns], i, kernel=name, round=i)]


def test_time_left_is_that_of_the_launches_that_are_left():
    """Two launches of x/naive at 2 s, one of c/packed at 1 s."""
    taken = {"x/naive": samples("x/naive", 2e9, 1), "c/packed": samples("c/packed", 1e9, 1)}

    assert left_s(PLAN, ["x/naive", "c/packed"], 2, taken.__getitem__, {}) == pytest.approx(5)


def test_time_of_kernels_without_a_launch_is_predicted():
    assert left_s(PLAN, ["c/packed"], 1, lambda name: [], {"c/packed": 7.0}) == pytest.approx(14)


def test_answer_so_far_is_the_ratio_of_the_headline():
    taken = {"x/naive": samples("x/naive", 2e9, 2), "c/packed": samples("c/packed", 1e8, 2)}

    assert speedup_so_far(PLAN, taken.__getitem__, factories.config(baseline="x/naive")) == pytest.approx(20)


def test_there_is_no_answer_before_both_were_measured():
    assert speedup_so_far(PLAN, lambda name: [], factories.config(baseline="x/naive")) is None
