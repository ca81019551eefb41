"""Test how unused budget is reallocated: to wide intervals, undecided orders and a slow baseline."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.measure.budget import KernelProgress, allocate_extra_rounds
from tests import factories


def progress(
    name: str, spent_s: float, half_width: float, undecided_against: tuple[str, ...] = (), rounds: int = 10
) -> KernelProgress:
    return KernelProgress(name, rounds, int(spent_s * 1e9), half_width, undecided_against)


@pytest.mark.parametrize(("left_s", "expected"), [(1.5, {"b": 11, "c": 11}), (0.25, {"c": 11})])
def test_unused_budget_goes_to_the_widest_interval_first(left_s, expected):
    config = factories.config(budget_s=2, target=0.02)
    early, wide, wider = progress("a", 2 - left_s, 0.01), progress("b", 2, 0.05), progress("c", 2, 0.3)

    assert allocate_extra_rounds([early, wide, wider], config) == expected


def test_undecided_order_is_served_first_with_both_kernels():
    """Two kernels whose order is open get their round before a kernel with a wider interval."""
    config = factories.config(budget_s=2, target=0.02)
    kernels = [
        progress("a", 1.55, 0.01),
        progress("b", 2, 0.01, undecided_against=("c",)),
        progress("c", 2, 0.01, undecided_against=("b",)),
        progress("d", 2, 0.5),
    ]

    assert allocate_extra_rounds(kernels, config) == {"b": 11, "c": 11}


@pytest.mark.parametrize(
    ("baseline", "expected"),
    [
        ({"rounds": 3, "spent_s": 24}, {"b": 4, "c": 11}),
        ({"rounds": 4, "spent_s": 32}, {"b": 5, "c": 11}),
        ({"rounds": 5, "spent_s": 40}, {"c": 11}),
        ({"rounds": 3, "spent_s": 24, "half_width": 0.02}, {"c": 11}),
    ],
)
def test_slow_baseline_gets_five_rounds_unless_it_is_precise(baseline, expected):
    config = factories.config(budget_s=2, rounds=40, target=0.02, min_rounds=3, baseline="b")
    kernels = [progress("a", 1, 0.01) for _ in range(20)] + [progress("c", 2, 0.9)]
    slow = progress("b", **({"half_width": 0.5} | baseline))

    assert allocate_extra_rounds([*kernels, slow], config) == expected


def test_baseline_gets_no_more_than_others_left():
    """One second each of seven kernels does not pay for a round of eight seconds."""
    config = factories.config(budget_s=2, rounds=40, target=0.02, min_rounds=3, baseline="b")
    kernels = [progress("a", 1, 0.01) for _ in range(7)] + [progress("b", 24, 0.5, rounds=3)]

    assert allocate_extra_rounds(kernels, config) == {}


@pytest.mark.parametrize(
    "kernels",
    [
        pytest.param([progress("a", 2, 0.5), progress("b", 2, 0.5)], id="nothing left"),
        pytest.param([progress("a", 1, 0.01), progress("b", 60, 0.5, rounds=3)], id="minimum rounds exceed the budget"),
        pytest.param([progress("a", 0.1, 0.01), progress("b", 9.9, 0.5)], id="far beyond its budget"),
    ],
)
def test_nothing_is_reallocated(kernels):
    config = factories.config(budget_s=2, target=0.02, min_rounds=3)

    assert allocate_extra_rounds(kernels, config) == {}


def test_nothing_is_reallocated_with_full():
    config = factories.config(budget_s=2, target=0.02, min_rounds=3, full=True)

    assert allocate_extra_rounds([progress("a", 0.1, 0.01), progress("b", 2, 0.5)], config) == {}


def test_unused_budget_is_reallocated_once():
    """The second that "a" left pays for five rounds of 0.2 s, and no more."""
    config = factories.config(budget_s=2, target=0.02)
    kernels, extra_rounds = [progress("a", 1, 0.01), progress("b", 2, 0.5)], 0
    while more := allocate_extra_rounds(kernels, config):
        kernels[1] = replace(kernels[1], rounds=more["b"], spent_ns=int(2e8 * more["b"]))
        extra_rounds += 1

    assert extra_rounds == 5
