"""Test the first screen of the report."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.model.job import Provided
from harness.model.result import Quantity
from harness.report.first_screen import bar, first_screen
from tests import factories
from tests.factories import timed_row


def test_it_has_the_number_its_interval_and_both_sides():
    record = factories.run_record(toolchains={"x/naive": Provided("Python 3.13.5"), "c/packed": Provided("gcc 14.2.0")})

    first = first_screen(factories.results((), record, answer=factories.answer()))

    assert (first.times, first.bounds, first.n) == ("25,000", "24,000 to 26,000", 4096)
    assert (first.slow.time, first.slow.estimated, first.slow.compiler) == ("6 h 57 min", True, "Python 3.13.5")
    assert first.slow.how == "estimated from 1 of 4096 rows in 12 rounds"
    assert (first.fast.name, first.fast.time, first.fast.estimated) == ("C (packed, 1 thread)", "1.00 s", False)


def test_numpy_is_beside_it_where_it_was_measured():
    numpy = timed_row("python/library-numpy", 0.99, speedup=Quantity(26_000.0))

    first = first_screen(factories.results([numpy], answer=factories.answer()))

    assert (first.numpy.time, first.numpy_times) == ("990 ms", "26,000 times")
    assert first_screen(factories.results((), answer=factories.answer())).numpy is None


def test_run_without_an_answer_has_none():
    assert first_screen(factories.results((), answer=factories.answer(fastest=None, speedup=None))) is None


def test_bar_is_as_wide_as_the_whole_and_each_part_as_its_logarithm(product):
    steps = bar(product)

    assert sum(step.width for step in steps) == pytest.approx(100)
    assert steps[1].x == pytest.approx(steps[0].width)
    assert [step.times for step in steps] == ["14.2", "32.0"]
    assert steps[0].width < steps[1].width


def test_step_that_made_nothing_faster_has_no_width(product):
    slower = replace(product.factors[0], ratio=Quantity(0.9))

    steps = bar(replace(product, factors=(slower, product.factors[1])))

    assert [step.width for step in steps] == [0, pytest.approx(100)]
