"""Test the time of a whole product from two numbers of rows: free of costs paid once, and of drift."""

from __future__ import annotations

import numpy as np
import pytest

from harness.analysis.extrapolation import from_two_row_counts
from harness.analysis.intervals import location

N, FEW, MANY = 4096, 8, 32


def rounds(fixed_rows: float, speeds, few_noise=None, many_noise=None) -> dict[int, tuple[float, float]]:
    """Return the times of rounds in which a row takes as long as `speeds` say, and a call as long as `fixed_rows`."""
    few_noise = np.ones(len(speeds)) if few_noise is None else few_noise
    many_noise = np.ones(len(speeds)) if many_noise is None else many_noise
    return {
        i: (speed * (fixed_rows + FEW) * few_noise[i], speed * (fixed_rows + MANY) * many_noise[i])
        for i, speed in enumerate(speeds)
    }


def test_cost_that_is_paid_once_is_not_multiplied():
    found = from_two_row_counts(rounds(50, [1.0] * 4), N, FEW, MANY)

    assert list(found.values()) == pytest.approx([N + 50] * 4)


def test_drift_between_rounds_stays_in_its_round():
    found = from_two_row_counts(rounds(0, [1.0, 2.0, 1.0, 2.0]), N, FEW, MANY)

    assert list(found.values()) == pytest.approx([N, 2 * N, N, 2 * N], rel=0.01)


def test_cost_that_is_paid_once_is_never_negative():
    """Many rows that take more than their share make no time below that of the rows."""
    found = from_two_row_counts(rounds(0, [1.0] * 4, many_noise=[1.2] * 4), N, FEW, MANY)

    assert list(found.values()) == pytest.approx([N * (FEW + 1.2 * MANY) / (FEW + MANY)] * 4)


def test_nothing_is_extrapolated_where_more_rows_take_no_more_time():
    assert from_two_row_counts({1: (5.0, 5.0), 2: (5.0, 4.9), 3: (5.0, 5.0)}, N, FEW, MANY) == {}


def test_nothing_is_extrapolated_from_one_round():
    assert from_two_row_counts({1: (5.0, 9.0)}, N, FEW, MANY) == {}


@pytest.mark.parametrize("fixed_rows", [0, 2])
def test_intervals_cover_the_time_as_often_as_they_say(fixed_rows):
    """Launches scatter by 3%, and rounds by 10%."""
    random = np.random.default_rng(fixed_rows)
    covered = 0
    for _ in range(400):
        speeds = np.exp(random.normal(0, 0.1, 6))
        noise = np.exp(random.normal(0, 0.03, (2, 6)))
        found = location(from_two_row_counts(rounds(fixed_rows, speeds, *noise), N, FEW, MANY).values(), 0.95)
        covered += found.low <= N + fixed_rows <= found.high
    assert covered / 400 >= 0.92
