"""Test findings: each observation on the rows that it concerns, and none from a quiet machine."""

from __future__ import annotations

import pytest

from harness.analysis.findings import across, disturbances, findings_of
from harness.analysis.run_findings import changes, drift, findings_of_run, scatter
from harness.model.answer import Answer, Precision
from harness.model.machine import MachineSnapshot, MachineSnapshots
from harness.model.result import Memory, Phases, Quantity, Row, SteadyState, Variance
from harness.model.sample import Sample, SystemDelta
from tests import factories


def row(name: str = "x/naive", **fields) -> Row:
    timed = {
        "time": Quantity(1.0, 0.99, 1.01),
        "memory": Memory(huge_page_fraction=0.0),
        "phases": Phases(io_s=0.1),
    }
    return factories.row(name, **(timed | fields))


def launch(number: int = 0, switches: int = 0, **system: int) -> Sample:
    """Return the sample of a launch with one call, which took one second."""
    return factories.sample(
        launch=number, ns=10**9, involuntary_switches=switches, system=SystemDelta(**system), peak_rss_bytes=1
    )


def finding_codes(rows: list[Row]) -> list[list[str]]:
    return [[finding.code for finding in row.findings] for row in rows]


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
def test_disturbance_of_launches_is_named(launches, expected):
    """Each disturbance has its code, and none is seen in what a counter of 10 ms cannot resolve."""
    assert [finding.code for finding in disturbances("x/naive", 1, launches)] == expected


def test_row_names_disturbance_trend_and_outliers():
    launches = [launch(i, steal_ns=30_000_000) for i in range(6)]

    unsteady = row(variance=Variance(outliers=2, steadiness=SteadyState.NOT_STEADY))

    codes = {finding.code for finding in findings_of(unsteady, launches)}

    assert {"steal", "not-steady", "outliers"} <= codes


def test_quiet_steady_row_has_no_finding():
    assert findings_of(row(variance=Variance(steadiness=SteadyState.STEADY)), [launch(i) for i in range(6)]) == ()


def test_rows_of_one_class_with_unlike_pages_both_say_so():
    rows = across([row(), row("y/naive", memory=Memory(huge_page_fraction=0.9))])

    assert finding_codes(rows) == [["unlike-pages"], ["unlike-pages"]]


def test_rows_of_other_classes_may_have_unlike_pages():
    rows = across([row(), row("y/library", category="library, 1 thread", memory=Memory(huge_page_fraction=0.9))])

    assert all(row.findings == () for row in rows)


def test_more_untimed_work_than_its_language_has_is_a_finding():
    """A kernel that takes longer outside its clock than the others of its language has a finding."""
    rows = across([row(), row("x/parallel"), row("x/packed", phases=Phases(io_s=0.6))])

    assert finding_codes(rows) == [[], [], ["untimed-work"]]


def test_untimed_work_is_compared_at_equal_rows_only():
    rows = across([row(rows=8), row(rows=8), row(phases=Phases(io_s=0.6))])

    assert all(row.findings == () for row in rows)


def test_constant_speed_of_the_machine_is_no_finding():
    launches = [launch(i, core_ns=2_000_000, memory_ns=1_000_000) for i in range(40)]

    assert drift(launches) is None


def test_drift_of_the_machine_names_what_varied():
    launches = [launch(i, core_ns=2_000_000 + 10_000 * i, memory_ns=1_000_000) for i in range(40)]

    assert "for computing" in drift(launches).observation


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ({"temperature_c": 50.0}, {"temperature_c": 70.0}, "temperature"),
        ({"mhz": 3000.0}, {"mhz": 2000.0}, "frequency"),
        ({"swap_used_bytes": 0}, {"swap_used_bytes": 2**24}, "swap"),
        ({"memory_stall_us": 0}, {"memory_stall_us": 10**6}, "memory-pressure"),
    ],
)
def test_change_of_the_machine_over_a_run_is_named(before, after, code):
    before, after = MachineSnapshot(**before), MachineSnapshot(**after)

    assert [finding.code for finding in changes(before, after, seconds=100)] == [code]
    assert changes(before, before, seconds=100) == []


def test_unreadable_counter_is_no_finding():
    record = factories.run_record(machine=MachineSnapshots(MachineSnapshot(), MachineSnapshot()))

    assert findings_of_run(record, [], Answer()) == ()


def test_imprecise_headline_names_the_rounds_that_it_would_take():
    """One finding for the run, with the scatter, the half width and the number of rounds."""
    answer = factories.answer(precision=Precision(0.29, 0.03, 0.13, rounds=12, target=0.05, needed=47))

    found = scatter(answer)

    assert "x/naive scattered by 29% from launch to launch, those of c/packed by 3%" in found.observation
    assert "12 rounds give the headline to ±13%" in found.observation
    assert found.remedy == "±5% needs about 47 rounds: --rounds 47"


def test_precise_headline_is_no_finding():
    assert scatter(factories.answer(precision=Precision(0.03, 0.03, 0.04, rounds=12, target=0.05, needed=9))) is None
