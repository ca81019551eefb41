"""Test the table of Apache Otava."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.export import exported
from harness.model.errors import HarnessError
from tests import factories
from tests.unit.export.example_run import NAMES, RECORD, ROWS, SAMPLES, parsed


def run(started_at: str, rows=ROWS):
    """Return the example run at another time, with some of its rows."""
    return factories.results(rows, replace(RECORD, started_at=started_at), samples=SAMPLES)


def test_a_row_has_properties_and_the_time_of_each_kernel(read):
    [row] = read("otava")

    assert (row["time"], row["run"], row["chip"]) == (RECORD.started_at, RECORD.id, "Toy CPU (AVX2)")
    assert [row[name] for name in NAMES] == ["0.123456789", "0.004000004", "0.005000003", "0.001000001"]


def test_runs_are_in_the_order_of_their_times():
    runs = [run("2026-02-02T00:00:00+00:00"), run("2026-01-02T00:00:00+00:00")]

    rows = parsed("otava", exported("otava", *runs))

    assert [row["time"][:10] for row in rows] == ["2026-01-02", "2026-02-02"]


def test_a_kernel_that_a_run_lacks_has_no_column():
    """Otava refuses a table with an empty cell."""
    runs = [run("2026-01-02T00:00:00+00:00"), run("2026-02-02T00:00:00+00:00", ROWS[1:])]

    rows = parsed("otava", exported("otava", *runs))

    assert NAMES[0] not in rows[0] and "" not in {row[name] for row in rows for name in NAMES[1:]}


def test_runs_without_a_common_kernel_are_refused():
    runs = [run("2026-01-02T00:00:00+00:00", ROWS[:1]), run("2026-02-02T00:00:00+00:00", ROWS[1:])]

    with pytest.raises(HarnessError, match="no kernel was measured in all of these runs"):
        exported("otava", *runs)
