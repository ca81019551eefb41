"""`python -m harness selftest`: the experiments in turn, their cases kept in reports/selftest.json."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypedDict

from harness.model.config import Config
from harness.model.errors import HarnessError, UsageError
from harness.selftest import experiments
from harness.selftest.experiments import Case
from harness.selftest.summary import Table, sentences, tables
from harness.system import host
from harness.system.lock import host_lock
from harness.util.console import Console
from harness.util.files import write_json
from harness.util.format import duration

EXPERIMENTS: dict[str, Callable[[Config, int, Console], Iterator[Case]]] = {
    "alarms": experiments.alarms,
    "detection": experiments.detection,
    "hyperfine": experiments.hyperfine,
    "noise": lambda config, trials, console: experiments.detection(config, trials, console, loaded=True),
    "estimates": experiments.estimates,
}

NAME = "selftest.json"


class _Made(TypedDict):
    """When and where an experiment was made."""

    started_at: str
    cpu: str
    backend: str


class Kept(_Made):
    """An experiment's last cases, and when and where it was made."""

    cases: list[Case]


class _Written(_Made):
    """The same as it is in the file."""

    cases: list[dict[str, Any]]


def selftest(config: Config, names: tuple[str, ...], trials: int, console: Console, out: Callable[[str], None]) -> None:
    """Run the experiments, and say what they found as each ends. Raises HarnessError where none could be run."""
    config.reports_dir.mkdir(parents=True, exist_ok=True)
    path = config.reports_dir / NAME
    done = 0
    with host_lock():
        for name in names:
            started = datetime.now(UTC)
            console.line(f"{name}: {trials} trials ...")
            cases: list[Case] = []
            try:
                cases.extend(EXPERIMENTS[name](config, trials, console))
            except HarnessError as error:
                console.line(f"  left out: {error}")
                continue
            done += 1
            _keep(path, name, cases, config, started)
            seconds = (datetime.now(UTC) - started).total_seconds()
            for table in tables(cases):
                out(f"\n{table.title} ({duration(seconds)})\n{text(table)}")
    if not done:
        raise HarnessError("selftest: none of the experiments could be run")
    out("\nHow far to trust this machine:")
    for sentence in sentences([case for kept in load(path).values() for case in kept["cases"]]):
        out(f"  {sentence}")
    out(f"Cases: {path}")


def load(path: Path) -> dict[str, Kept]:
    """The kept experiments by name: their cases, when and where. Raises UsageError."""
    try:
        kept: dict[str, _Written] = json.loads(path.read_bytes())
        return {name: {**one, "cases": [Case(**case) for case in one["cases"]]} for name, one in kept.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(f"{path}: not a selftest's cases: {error}") from None


def text(table: Table) -> str:
    """A table for the terminal: the first column left, the others right."""
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


def _keep(path: Path, name: str, cases: list[Case], config: Config, started: datetime) -> None:
    """Replace one experiment's cases; the others stay."""
    kept: dict[str, _Written]
    try:
        kept = json.loads(path.read_bytes())
    except (OSError, ValueError):
        kept = {}
    kept[name] = {
        "started_at": started.isoformat(timespec="seconds"),
        "cpu": host.cpu_model(),
        "backend": config.backend,
        "cases": [asdict(case) for case in cases],
    }
    write_json(path, kept)
