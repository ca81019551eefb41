"""Test the figures on how many kernels have a reason beside their time."""

from __future__ import annotations

from dataclasses import replace

from harness.model.counts import Counts, RunCounts
from harness.model.inner_loop import RunLoops
from tests import factories
from tools.evidence_table import NO_REASON, evidence_table


def lines_of(counts: RunCounts, loops: RunLoops) -> list[str]:
    names = ("c/naive", "c/interchange", "c/divide", "go/naive")
    rows = [factories.timed_row(name, 1.0) for name in names]
    untimed = factories.row("c/vector")
    return evidence_table(replace(factories.results([*rows, untimed]), counts=counts, loops=loops)).splitlines()


def test_each_language_has_its_numbers_and_what_is_missing_its_reason():
    counted = (
        factories.counts("c/naive"),
        factories.counts("c/interchange"),
        Counts("go/naive", "digest", reason="its code varies"),
    )

    lines = lines_of(RunCounts(counted), RunLoops(missing={"c/naive": "no symbols"}))

    assert "| C | 3 | 2 | 0 | 2 | 1 |" in lines and "| Go | 1 | 0 | 0 | 0 | 0 |" in lines
    assert "| all | 4 | 2 | 0 | 2 | 1 |" in lines
    assert "- `go/naive`: its code varies" in lines and "- `c/naive`: no symbols" in lines
    assert f"- `c/divide`: {NO_REASON}" in lines


def test_reason_of_a_whole_run_is_that_of_each_kernel():
    lines = lines_of(RunCounts(reason="valgrind is missing"), RunLoops(reason="--no-why"))

    assert "- `c/divide`, `c/interchange`, `c/naive`, `go/naive`: valgrind is missing" in map(_sorted_names, lines)


def _sorted_names(line: str) -> str:
    names, colon, reason = line.removeprefix("- ").partition(": ")
    return f"- {', '.join(sorted(names.split(', ')))}{colon}{reason}"
