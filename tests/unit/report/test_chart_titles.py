"""Test the titles of charts, which say what they show."""

from __future__ import annotations

import pytest

from harness.model.result import AtSize, BuildInfo, Quantity, Rate
from harness.report.chart_titles import (
    climb_title,
    factors_title,
    ladders_title,
    lines_title,
    paper_title,
    ratios_title,
    sizes_title,
)
from harness.report.climb import climb
from harness.report.reproduction import reproduction
from tests.factories import timed_row


def test_climb_names_its_largest_step():
    rows = [timed_row("python/naive", 100.0), timed_row("c/naive", 10.0), timed_row("c/interchange", 0.5)]

    assert climb_title(climb(rows, "python/naive")) == "The largest step is “C: unit stride”: 20.0 times"


def test_climb_without_a_step_has_no_title():
    assert climb_title([]) == ""


def test_paper_has_both_speed_ups():
    rows = [timed_row("python/naive-paper", 100.0), timed_row("c/packed", 0.5)]
    steps = reproduction(rows)

    title = paper_title(steps)

    assert (title == "") == (steps[-1].paper is None or len(steps) < 2)
    assert title in ("", f"200 times in all here, {steps[-1].paper.speedup:,} in the paper")


def test_factors_name_the_largest(product):
    assert factors_title(product) == "The largest of the factors is loop order and cores: 32.0 of 454 times"


def test_ladders_name_language_and_rung_of_the_largest_step():
    rows = [
        timed_row("c/naive", 10.0),
        timed_row("c/interchange", 5.0),
        timed_row("go/naive", 12.0),
        timed_row("go/interchange", 1.0),
        timed_row("go/library-x", 0.001),
    ]

    assert ladders_title(rows) == "Go gains most in one step, from unit stride: 12.0 times"
    assert ladders_title(rows[:1]) == ""


def test_lines_compare_the_ends_of_the_frontier():
    rows = [
        timed_row("c/naive", 4, build=BuildInfo(lines=10), rate=Rate(1.0)),
        timed_row("c/packed", 1, build=BuildInfo(lines=90), rate=Rate(50.0)),
    ]

    assert lines_title(rows) == "c/packed is 50.0 times as fast as c/naive, in 9.00 times as many lines"
    assert lines_title(rows[:1]) == ""


def test_sizes_name_the_fastest_at_the_largest_n():
    sizes = [AtSize("c/naive", 512, Quantity(1.0), 9.0, False), AtSize("c/packed", 1024, Quantity(1.0), 50.0, False)]

    assert sizes_title(sizes) == "At n = 1024, c/packed is the fastest: 50.0 GFLOPS"


@pytest.mark.parametrize(("ratios", "change"), [([1.02, 0.5], "50% shorter"), ([1.5, 0.9], "50% longer")])
def test_ratios_name_the_largest_change(ratios, change):
    assert ratios_title(ratios, 1, 0) == f"1 faster, 0 slower, of 2; the largest change of a time is {change}"


def test_ladders_title_is_of_main_toolchains():
    """A second toolchain of the language is no step."""
    times_s = {"c/naive": 8.0, "c/packed": 2.0, "c/naive@clang": 80.0, "c/packed@clang": 1.0}

    title = ladders_title([timed_row(name, seconds) for name, seconds in times_s.items()])

    assert title == "C gains most in one step, from packed panels: 4.00 times"
