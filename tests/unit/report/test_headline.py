"""Test the sentences at the top of the report."""

from __future__ import annotations

from harness.report.headline import headline
from tests.factories import row, timed_row

BASELINE = timed_row("python/naive", 25_000)


def test_estimates_are_told_from_measurements():
    rows = [
        timed_row("python/naive", 25_000, estimated=True, rows=3),
        timed_row("c/packed", 0.8),
        timed_row("python/library-numpy", 0.9),
    ]

    text = headline(rows, "python/naive")

    assert "Python (naive, 1 thread) 6 h 57 min (estimated from 3 of 4096 rows, −2.0% +2.0%)" in text
    assert "C (packed, 1 thread) 800 ms (−2.0% +2.0%): 31,200 times" in text


def test_fastest_without_a_library_is_named_too():
    rows = [BASELINE, timed_row("python/library-numpy", 0.5), timed_row("c/packed", 0.8)]

    assert "Without a library, the fastest is C (packed, 1 thread)" in headline(rows, "python/naive")


def test_slowest_stands_in_for_a_missing_baseline():
    rows = [timed_row("c/naive", 10), timed_row("c/packed", 1)]

    assert "C (naive, 1 thread) 10.0 s" in headline(rows, "python/naive")


def test_run_without_times_says_so():
    assert headline([row("c/naive")], "python/naive") == "No kernel was measured in this run."


def test_matrix_engine_does_not_pass_for_doubles():
    """A kernel that multiplies bytes is named with the number of their products."""
    engine = timed_row("c/engine", 0.3, threads=2, int8_products=15)

    text = headline([BASELINE, engine], "python/naive")

    assert "and C on the matrix engine (15 products of bytes, 2 threads) 300 ms" in text
