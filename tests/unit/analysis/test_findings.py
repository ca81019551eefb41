"""What was seen becomes a finding: on the rows that it concerns, with what to do, and nothing from a quiet machine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis.findings import across, disturbances, drift, findings_of, findings_of_run, machine
from harness.model.result import Row
from harness.model.sample import Sample, SystemDelta

ROW = Row(
    "x/naive", "x", "X", "naive", "naive, 1 thread", "ok", "", 64, 64, 1, False, 24,
    median_s=1.0, low_s=0.99, high_s=1.01, huge_page_fraction=0.0, io_s=0.1,
)  # fmt: skip


def launch(number: int = 0, switches: int = 0, **watch: int) -> Sample:
    """A launch of one second."""
    return Sample(
        "x/naive", number, 0, 1, "measure", 64, 64, 0, 1, 10**9, "", "", 10**9, 10**9, 1, 0, 0, switches,
        round=number, system=SystemDelta(**watch),
    )  # fmt: skip


def codes(launches: list[Sample]) -> list[str]:
    return [code for code, _, _ in disturbances(launches, threads=1)]


@pytest.mark.parametrize(
    ("launches", "expected"),
    [
        ([launch(i) for i in range(6)], []),
        ([launch(i, steal_ns=30_000_000) for i in range(6)], ["steal"]),
        ([launch(i, others_cpu_ns=200_000_000) for i in range(6)], ["other-work"]),
        ([launch(i, switches=500) for i in range(6)], ["interrupted"]),
        ([launch(i, swapped_in=i) for i in range(6)], ["swapped"]),
        # ticks of 10 ms: one launch is off by one, all together are not
        ([launch(i, others_cpu_ns=10_000_000 * (-1) ** i) for i in range(6)], []),
    ],
)
def test_what_disturbed_a_kernel_s_launches(launches, expected):
    assert codes(launches) == expected


def test_a_row_says_what_disturbed_it_whether_it_settled_and_what_is_far_out():
    row = replace(ROW, steadiness="not steady", outliers=2)
    found = {finding.code for finding in findings_of(row, [launch(i, steal_ns=30_000_000) for i in range(6)])}
    assert {"steal", "not-steady", "outliers"} <= found
    assert findings_of(replace(ROW, steadiness="steady"), [launch(i) for i in range(6)]) == ()


def test_rows_of_a_class_in_unlike_pages_say_so_both():
    rows = across([ROW, replace(ROW, kernel="y/naive", language="y", huge_page_fraction=0.9)])
    assert [[finding.code for finding in row.findings] for row in rows] == [["unlike-pages"], ["unlike-pages"]]
    other_class = across([ROW, replace(ROW, kernel="y/library", category="library, 1 thread", huge_page_fraction=0.9)])
    assert all(row.findings == () for row in other_class)


def test_a_kernel_that_takes_longer_outside_its_clock_than_others_of_its_language_says_so():
    rows = across([ROW, replace(ROW, kernel="x/parallel"), replace(ROW, kernel="x/packed", io_s=0.6)])
    assert [[finding.code for finding in row.findings] for row in rows] == [[], [], ["untimed-work"]]
    of_more_rows = across([replace(ROW, rows=8), replace(ROW, rows=8), replace(ROW, io_s=0.6)])
    assert all(row.findings == () for row in of_more_rows)


def test_a_machine_whose_speed_varied_says_by_how_much():
    steady = [launch(i, core_ns=2_000_000, memory_ns=1_000_000) for i in range(40)]
    assert drift(steady) is None
    varied = [launch(i, core_ns=2_000_000 + 10_000 * i, memory_ns=1_000_000) for i in range(40)]
    assert "for computing" in drift(varied).seen


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ({"temperature_c": 50.0}, {"temperature_c": 70.0}, "temperature"),
        ({"mhz": 3000.0}, {"mhz": 2000.0}, "frequency"),
        ({"swap_used_bytes": 0}, {"swap_used_bytes": 2**24}, "swap"),
        ({"memory_stall_us": 0}, {"memory_stall_us": 10**6}, "memory-pressure"),
    ],
)
def test_what_changed_on_the_machine_over_a_run(before, after, code):
    assert [finding.code for finding in machine(before, after, seconds=100)] == [code]
    assert machine(before, before, seconds=100) == []


def test_what_cannot_be_read_is_no_finding():
    facts = {"machine": {"before": {"mhz": None}, "after": {"mhz": None}}, "notes": [], "noise": []}
    assert findings_of_run(facts, []) == ()
