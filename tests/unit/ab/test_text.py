"""Test the words of a comparison."""

from __future__ import annotations

import pytest

from harness.ab.plan import Goal, Plan
from harness.ab.text import bounds, lines, plan_line
from harness.model.result import Interval
from tests.unit.ab.example import measured


def test_a_plan_says_what_it_will_find():
    text = plan_line(Plan(40, 31.4, 0.0098), Goal(detect=0.01), 3)

    assert text == "40 rounds of 3 launches, about 31 s: a difference of 0.98% is found nine times out of ten"


def test_a_plan_says_what_it_will_not_find_and_how_long_that_takes():
    text = plan_line(Plan(40, 40, 0.02), Goal(detect=0.01, time_s=60), 3)

    assert text.endswith("a difference of 2.0% is found nine times out of ten; one of 1.0% would take about 2 min 40 s")


def test_a_plan_names_no_time_for_what_is_beyond_reach():
    assert plan_line(Plan(40, 30, 0.2), Goal(detect=0.01), 3).endswith("one of 1.0% would take more than 1000 rounds")


def test_a_number_of_rounds_of_the_user_promises_nothing():
    assert plan_line(Plan(40), Goal(rounds=40), 3) == "40 rounds of 3 launches, as --runs says"


def test_verdicts_name_the_direction():
    text = "\n".join(lines(measured(2, 0.5, 1), None))

    assert "B is slower than A: 2.00" in text
    assert "C is faster than A: 0.50" in text
    assert "D: no difference seen, and one of more than " in text


def test_a_control_that_is_equal_is_said():
    assert lines(measured(2), None)[-1].endswith("equal, as it must be.")


def test_a_control_that_differs_is_said():
    assert "NOT EQUAL, so the verdicts cannot be trusted" in lines(measured(2, control=1.3), None)[-1]


def test_regressions_are_listed():
    assert lines(measured(2, 1.01, 1.5), 10)[-1] == "Slower by more than 10%: B, D"


def test_a_run_that_cannot_be_trusted_accuses_no_command():
    assert not any(line.startswith("Slower by") for line in lines(measured(2, control=1.3), 10))


def test_a_shell_and_the_common_parameters_are_said():
    found = measured(1, texts=("echo {n} | cat", "echo {n}"), lists={"n": ("5", "6")})

    text = lines(found, None)

    assert text[0] == "n = 5"
    assert any("All run in /bin/sh, and its start is part of every time" in line for line in text)


def test_a_table_has_the_figures():
    table = [line for line in lines(measured(2), None) if "MiB" in line]

    assert table[0].startswith("A  20.5 ms (") and "1.00 ms (" in table[0] and table[0].endswith("1.00 MiB")


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        ((0.9, 1.1), "1.00 (0.90 to 1.10)"),
        ((0.9995, 1.0004), "1.00000 (0.99950 to 1.00040)"),
        ((1, 1), "1.000000 (1.000000 to 1.000000)"),
    ],
)
def test_a_ratio_has_as_many_places_as_its_interval_needs(ends, text):
    assert bounds(Interval(1.0, *ends)) == text
