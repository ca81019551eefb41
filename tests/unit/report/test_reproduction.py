"""Test the comparison of the paper's own programs with the paper's table."""

from __future__ import annotations

import pytest

from harness.model.kernel import RUNGS
from harness.model.result import Quantity
from harness.report.paper import TABLE
from harness.report.reproduction import like_the_paper, reproduction
from tests.factories import row, timed_row

PYTHON = timed_row("python/naive-paper", 20_000, estimated=True, rows=3)
JAVA = timed_row("java/naive-paper", 800)
C = timed_row("c/naive-paper", 500)
PACKED = timed_row("c/packed", 2, threads=2)
BASELINE = timed_row("python/naive", 8_000)


def test_steps_are_the_rows_of_the_paper_in_its_order():
    steps = reproduction([BASELINE, PACKED, timed_row("c/parallel", 25), C, JAVA, PYTHON])

    assert [step.row.kernel for step in steps] == [
        "python/naive-paper",
        "java/naive-paper",
        "c/naive-paper",
        "c/parallel",
    ]
    assert [step.label for step in steps] == ["Python", "Java", "C", "Parallel loops"]


def test_factors_stand_beside_those_of_the_paper():
    java, c = reproduction([PYTHON, JAVA, C])[1:]

    assert (java.factor, java.times) == (25, 25) and java.paper_factor == pytest.approx(25_552.48 / 2_372.68)
    assert (c.factor, c.times) == (1.6, 40) and c.paper_factor == pytest.approx(2_372.68 / 542.67)


def test_row_that_was_not_measured_is_skipped_in_both_factors():
    """Otherwise the factor of two steps here would stand beside that of one step in the paper."""
    [_, c] = reproduction([PYTHON, C, row("java/naive-paper", status="failed")])

    assert c.factor == 40 and c.paper_factor == pytest.approx(25_552.48 / 542.67)


def test_table_names_the_paper_s_own_programs_before_the_rungs():
    variants = [paper.kernel.split("/")[1] for paper in TABLE]

    assert variants[:3] == ["naive-paper"] * 3 and set(variants[3:]) <= set(RUNGS)


def test_sentence_names_the_programs_and_the_ratio():
    text = like_the_paper([BASELINE, PACKED, C, JAVA, PYTHON], PACKED)

    assert text == (
        "With the paper's own programs: "
        "Python (loops at global scope) 5 h 33 min (estimated from 3 of 4096 rows, −2.0% +2.0%), "
        "Java 13 min 20 s (−2.0% +2.0%), C (gcc -O0) 8 min 20 s (−2.0% +2.0%); "
        "C (packed, 2 threads) is 10,000 times as fast as this Python."
    )


def test_ratio_is_that_of_the_speedups():
    """They are taken round by round, so that a change in the machine's speed affects both times alike."""
    python = timed_row("python/naive-paper", 20_000, speedup=Quantity(0.5))
    packed = timed_row("c/packed", 2, speedup=Quantity(4_500))

    assert "is 9,000 times as fast" in like_the_paper([python, packed], packed)


def test_ratio_without_a_baseline_is_that_of_the_times():
    python = timed_row("python/naive-paper", 20_000, speedup=None)
    packed = timed_row("c/packed", 4, speedup=None)

    assert "is 5,000 times as fast" in like_the_paper([python, packed], packed)


def test_program_that_was_not_measured_is_left_out():
    text = like_the_paper([PYTHON, PACKED, row("java/naive-paper", status="skipped")], PACKED)

    assert "Java" not in text and "C (gcc -O0)" not in text and "is 10,000 times as fast" in text


@pytest.mark.parametrize("rows", [[], [JAVA, C, PACKED], [row("python/naive-paper"), PACKED]])
def test_no_python_of_the_paper_is_no_sentence(rows):
    assert like_the_paper(rows, PACKED) == ""


def test_python_alone_is_compared_with_nothing():
    assert like_the_paper([PYTHON], None).endswith("−2.0% +2.0%).")
