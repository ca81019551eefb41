"""Run the experiments of `python -m harness selftest`, and store their cases in reports/selftest.json."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypedDict

from harness.model.config import Config
from harness.model.errors import HarnessError, UsageError
from harness.selftest import differences
from harness.selftest.accusations import accusations
from harness.selftest.case import Case
from harness.selftest.counted import counts
from harness.selftest.headlines import headlines
from harness.selftest.lies import lies
from harness.selftest.machines import machines
from harness.selftest.summary import sentences, tables
from harness.selftest.table import Table
from harness.selftest.wholes import estimates
from harness.system import host
from harness.system.lock import host_lock
from harness.util.chip import chip_name
from harness.util.console import Console
from harness.util.files import write_json
from harness.util.format import duration

EXPERIMENTS: dict[str, Callable[[Config, int, Console], Iterator[Case]]] = {
    "machines": machines,
    "alarms": differences.alarms,
    "detection": differences.detection,
    "hyperfine": differences.hyperfine,
    "noise": lambda config, trials, console: differences.detection(config, trials, console, loaded=True),
    "estimates": estimates,
    "headlines": headlines,
    "accusations": accusations,
    "counts": counts,
    "lies": lies,
    "lies-busy": lambda config, trials, console: lies(config, trials, console, loaded=True),
}
"""The experiments by name, in the order in which they run."""

NAME = "selftest.json"
"""Name of the file of cases, in the folder of the reports."""


class _Origin(TypedDict):
    """When and where an experiment ran."""

    started_at: str
    cpu: str
    backend: str


class StoredExperiment(_Origin):
    """The last cases of an experiment, and when and where it ran."""

    cases: list[Case]


class _StoredJson(_Origin):
    """A StoredExperiment as it is in the file."""

    cases: list[dict[str, Any]]


def selftest(config: Config, names: tuple[str, ...], trials: int, console: Console, out: Callable[[str], None]) -> None:
    """Run the experiments, and print the tables of each. Raises HarnessError if none of them could be run."""
    config.reports_dir.mkdir(parents=True, exist_ok=True)
    path = config.reports_dir / NAME
    completed = 0
    with host_lock():
        for name in names:
            started = datetime.now(UTC)
            console.line(f"{name}: {trials} trials ...")
            cases: list[Case] = []
            try:
                for case in EXPERIMENTS[name](config, trials, console):
                    cases.append(case)
            except HarnessError as error:
                console.line(f"  left out: {error}")
                continue
            except KeyboardInterrupt:
                if cases:  # an experiment takes up to an hour: what it found so far is not lost
                    _store(path, cases[0].experiment, cases, config, started)
                raise
            completed += 1
            # lies are caught by other checks in containers than outside: both are kept
            _store(path, cases[0].experiment if cases else name, cases, config, started)
            seconds = (datetime.now(UTC) - started).total_seconds()
            for table in tables(cases):
                out(f"\n{table.title} ({duration(seconds)})\n{text(table)}")
    if not completed:
        raise HarnessError("selftest: none of the experiments could be run")
    out("\nHow far to trust this machine:")
    for sentence in sentences([case for experiment in load(path).values() for case in experiment["cases"]]):
        out(f"  {sentence}")
    out(f"Cases: {path}")


def load(path: Path) -> dict[str, StoredExperiment]:
    """Return the stored experiments by name. Raises UsageError if the file is not a selftest's."""
    try:
        stored: dict[str, _StoredJson] = json.loads(path.read_bytes())
        return {
            name: {**experiment, "cases": [Case(**case) for case in experiment["cases"]]}
            for name, experiment in stored.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(f"{path}: not a selftest's cases: {error}") from None


def text(table: Table) -> str:
    """Return a table for the terminal: the first column aligned left, the others right."""
    lines = [table.head, *table.rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(table.head))]
    return "\n".join(
        "  "
        + "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    )


def _store(path: Path, name: str, cases: list[Case], config: Config, started: datetime) -> None:
    """Replace the cases of one experiment in the file, and keep those of the others."""
    kept: dict[str, _StoredJson]
    try:
        kept = json.loads(path.read_bytes())
    except (OSError, ValueError):
        kept = {}
    kept[name] = {
        "started_at": started.isoformat(timespec="seconds"),
        "cpu": chip_name(host.describe()),
        "backend": config.backend,
        "cases": [asdict(case) for case in cases],
    }
    write_json(path, kept)
