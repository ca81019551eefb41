"""Test a comparison as lines and as a page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis.compare import Change, Comparison, Instructions, Timed, Verdict
from harness.analysis.run_to_run import RunToRunVariation
from harness.model.result import Quantity
from harness.report.comparison import instructions, lines, page


def test_lines_and_page_show_the_same_ratio():
    comparison = comparison_of("a", ratio=1.1034)

    text, html = "\n".join(lines(comparison)), page([comparison])

    assert "x 1.103" in text and "1.103" in html


def test_names_of_runs_are_escaped():
    html = page([comparison_of("<b>a</b>")])

    assert "<b>a</b>" not in html and "&lt;b&gt;a" in html


def test_page_names_the_cpus_of_both_runs():
    comparison = comparison_of("a")

    assert "Both runs on a CPU." in page([comparison])
    other = page([replace(comparison, chips=("a CPU", "another"))])
    assert "The earlier run on a CPU, this one on another." in other


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (1.08, "the machine was 8.0% slower in the later run"),
        (1 / 1.08, "the machine was 8.0% faster in the later run"),
        (1.0001, "the machine was as fast in both runs"),
    ],
)
def test_change_of_the_machine_is_told(ratio, words):
    variation = RunToRunVariation(18, 0.004, ratio, 0.001)

    [text, _] = lines(replace(comparison_of("a"), variation=variation))

    assert f"{words}, by 18 kernels of the same code; ratios are relative to that" in text
    assert text.endswith("intervals are widened by a run-to-run variation of 0.40%")


def comparison_of(before: str, ratio: float = 1.1) -> Comparison:
    """Return the comparison of a kernel that became slower since the run `before`."""
    change = Change("x/naive", Verdict.SLOWER, "", Timed(0.1, False), Timed(0.11, False), Quantity(ratio, 1.08, 1.12))
    return Comparison(before, "b", ("a CPU", "a CPU"), RunToRunVariation(), [change])


@pytest.mark.parametrize(
    ("after", "verdict", "expected"),
    [
        (4.04, Verdict.SAME, "+1.00% instructions, no difference seen in time"),
        (3.8, Verdict.FASTER, "-5.00% instructions"),
        (4.0, Verdict.SLOWER, "the same instructions"),
    ],
)
def test_change_of_instructions_stands_beside_that_of_time(after, verdict, expected):
    change = Change("c/naive", verdict, instructions=Instructions(4.0, after))

    assert instructions(change) == expected
