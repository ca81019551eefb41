"""Test what the cases of experiments add up to: tables, the smallest share found, and sentences."""

from __future__ import annotations

import pytest

from harness.selftest.case import Case
from harness.selftest.command import text
from harness.selftest.summary import sentences, smallest, tables


def trials(kind: str, share: int, found: int, of: int, experiment: str = "detection", said: bool = False) -> list[Case]:
    """Return this many trials, of which the first ones found a difference."""
    return [Case(experiment, kind, share, different=i < found, flagged=said) for i in range(of)]


@pytest.mark.parametrize(
    ("cases", "expected"),
    [
        pytest.param([(0, 1, 20), (10, 18, 20), (20, 17, 20)], 0, id="2% found less often than 1%"),
        pytest.param([(0, 1, 20), (10, 18, 20), (20, 17, 20), (50, 20, 20)], 50, id="5% always found"),
        pytest.param([(10, 18, 20), (20, 19, 20)], 10, id="all found"),
    ],
)
def test_smallest_share_is_the_least_from_which_all_are_found(cases, expected):
    """A share that is found less often than a smaller one tells that the smaller one was luck."""
    assert smallest([case for share, found, of in cases for case in trials("single", share, found, of)]) == expected


def test_detection_is_counted_by_kind_and_share():
    [table] = tables(trials("single", 0, 1, 20) + trials("single", 10, 19, 20))

    assert table.rows[0][:4] == ("single", "none (false alarms)", "20", "1 of 20 (5.0%)")
    assert table.rows[1][:4] == ("single", "1%", "20", "19 of 20 (95.0%)")
    assert table.rows[1][4] == "76.4% – 99.1%"


def test_false_alarms_are_counted_by_language_and_in_all():
    [table] = tables([Case("alarms", "c/naive", different=True, error=0.2), Case("alarms", "go/naive", error=-0.1)])

    assert [row[:3] for row in table.rows] == [
        ("c", "1", "1 of 1 (100.0%)"),
        ("go", "1", "0 of 1 (0.0%)"),
        ("all", "2", "1 of 2 (50.0%)"),
    ]


def test_alarm_with_a_finding_is_not_silent():
    """A false alarm under noise counts as silent only where no finding named the noise."""
    [table] = tables([*trials("single", 0, 1, 4, "noise", said=True), *trials("jit", 0, 1, 4, "noise")])

    assert [row[3] for row in table.rows] == ["0", "1"]


def test_estimates_have_their_error_and_coverage():
    cases = [
        Case("estimates", "c/naive, n = 8", error=error, covered=error < 0.02, half_width=0.05)
        for error in (0.01, -0.01, 0.03)
    ]

    [table] = tables(cases)

    assert table.rows[-1][:6] == ("all", "3", "+1.0%", "1.0%", "5.0%", "2 of 3 (66.7%)")


def test_every_experiment_ends_in_a_sentence():
    said = sentences(
        [
            Case("alarms", "c/naive"),
            *trials("single", 50, 20, 20),
            *trials("jit", 50, 1, 20),
            *trials("single", 0, 0, 4, "noise"),
            Case("estimates", "c/naive, n = 8", error=0.01, covered=True),
            Case("headlines", "c/packed", half_width=0.04, covered=True),
            Case("machines", "machine 1"),
            Case("accusations", "c/naive"),
            Case("counts", "c/interchange", per_mille=1, different=True),
        ]
    )

    assert "A single kernel: 5% more work is the least that was found in 90% of the trials or more." in said
    assert "A jit kernel: no share that was tried was found in 90% of the trials or more." in said
    assert len(said) == 9


def test_counts_have_a_table():
    found = Case("counts", "c/interchange", per_mille=1, different=True, half_width=1e-6, error=0.001)
    missed = Case("counts", "c/interchange", per_mille=1)

    [table] = tables([found, found, missed])

    assert [row[:2] + row[3:] for row in table.rows] == [("3", "2 of 3 (66.7%)", "0.100%", "0.00010%")]


def test_table_for_the_terminal_is_aligned():
    [table] = tables(trials("single", 10, 1, 2))

    assert len({len(line) for line in text(table).splitlines()}) == 1
