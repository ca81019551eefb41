"""Test that a finding on most rows becomes one of the run."""

from __future__ import annotations

from harness.analysis.shared_findings import share_findings
from harness.model.result import Finding
from tests import factories


def rows(count: int, with_steal: int):
    """Return measured rows, of which the first ones have the finding `steal`, and all one of their own."""
    return [
        factories.timed_row(
            f"x{i}/naive",
            1.0,
            findings=(
                *([Finding("steal", f"x{i}/naive", f"the host took away {i}%", "repeat it")] if i < with_steal else []),
                Finding(f"own-{i}", f"x{i}/naive", "something else", "look"),
            ),
        )
        for i in range(count)
    ]


def test_finding_on_most_rows_becomes_one_of_the_run():
    left, shared = share_findings(rows(6, with_steal=5))

    assert [finding.code for row in left for finding in row.findings] == [f"own-{i}" for i in range(6)]
    assert shared == [Finding("steal", "", "5 of 6 kernels; for example x2/naive: the host took away 2%", "repeat it")]


def test_finding_on_few_rows_stays_there():
    before = rows(12, with_steal=5)

    assert share_findings(before) == (before, [])


def test_findings_of_a_short_run_stay_on_its_rows():
    before = rows(3, with_steal=3)

    assert share_findings(before) == (before, [])


def test_rows_without_a_time_do_not_count():
    before = [*rows(6, with_steal=5), *(factories.row(f"y{i}/naive") for i in range(20))]

    assert [finding.code for finding in share_findings(before)[1]] == ["steal"]
