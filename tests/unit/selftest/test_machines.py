"""Test whole simulated runs: no estimate in a headline, no headline missing, and intervals that hold the truth."""

from __future__ import annotations

import pytest

from harness.config.load import load_config
from harness.selftest.machines import LADDER, MACHINES_PER_TRIAL, machines
from harness.util.console import Console


@pytest.fixture(scope="module")
def cases():
    return list(machines(load_config(), 1, Console()))


def test_no_headline_has_an_estimate_as_its_fast_side(cases):
    assert len(cases) == MACHINES_PER_TRIAL and not any(case.flagged for case in cases)


def test_every_machine_that_can_has_a_headline(cases):
    assert sum(case.different for case in cases) <= 1


def test_headline_holds_the_true_ratio_as_often_as_it_says(cases):
    answered = [case for case in cases if case.half_width]

    assert len(answered) > 20
    assert sum(case.covered for case in answered) >= 0.85 * len(answered)  # two standard deviations below 95%


def test_kernels_of_the_simulation_are_those_of_the_project():
    from harness.config.kernels import load_kernels

    assert LADDER.keys() <= {kernel.id for kernel in load_kernels(load_config().kernels_dir)}
