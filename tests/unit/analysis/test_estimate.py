"""Test the estimate of a whole product: from whole products, some of the rows, and blocks of rows."""

from __future__ import annotations

import pytest

from harness.analysis.estimate import estimate_time
from tests import factories

N = 100


def sample(number: int, rows: int, ns: float, **fields):
    return factories.sample(launch=number, n=N, rows=rows, ns=int(ns), **fields)


def test_first_call_of_a_launch_is_left_out():
    """A launch's first call does not count where there is another."""
    launch = factories.launch([900, 10, 12], n=N)

    assert estimate_time(launch, N).value_ns == pytest.approx(11)


def test_whole_products_are_no_estimate():
    found = estimate_time([sample(i, N, ns) for i, ns in enumerate((100, 400, 100))], N)

    assert not found.estimated and found.by_round == {0: 100, 1: 400, 2: 100}
    assert (found.rows, found.samples, found.minimum_ns) == (N, 3, 100)


def test_some_of_the_rows_are_multiplied_and_are_an_estimate():
    found = estimate_time([sample(i, 4, 40, row0=7 * i) for i in range(6)], N)

    assert found.estimated and found.value_ns == pytest.approx(1000) and found.rows == 4


def test_two_row_counts_of_a_round_are_paired_by_the_round():
    """A launch that is missing from one round does not shift the pairs of the others."""
    times = {1: (58, 208), 2: (58, 208), 3: (116, 416)}
    samples = [
        sample(10 * number + rows, rows, ns, round=number)
        for number, pair in times.items()
        for rows, ns in zip((5, 20), pair, strict=True)
        if (number, rows) != (1, 20)
    ]

    found = estimate_time(samples, N)

    assert list(found.by_round) == [2, 3]
    assert found.by_round[2] == pytest.approx(1008, rel=0.01) and found.by_round[3] == pytest.approx(2016, rel=0.01)


def test_blocks_of_rows_add_up_and_are_no_estimate():
    """Launches that together cover every row once are a measured whole, without an interval."""
    found = estimate_time([sample(i, 25, 100 + i, row0=25 * i) for i in range(4)], N)

    assert (found.value_ns, found.estimated, found.rows, found.by_round) == (406, False, 100, {})


def test_some_of_the_blocks_are_not_a_whole():
    """Before the last block of rows was measured, the time is an estimate."""
    assert estimate_time([sample(i, 25, 100, row0=25 * i) for i in range(3)], N).estimated


def test_no_samples_give_no_estimate():
    assert estimate_time([], N) is None
