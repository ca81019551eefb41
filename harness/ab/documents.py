"""Write comparisons as documents for programs: the project's own, and that of hyperfine. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from harness.ab.commands import Command
from harness.ab.revision import Revision
from harness.ab.verdicts import Launches, Measured, wall_s
from harness.analysis.compare import Verdict
from harness.export.hyperfine import summary
from harness.model.job import JobResult
from harness.model.result import Interval


@dataclass(frozen=True)
class CommandFigures:
    """A command and its figures; `times_s` are those of its launches, in the order of the rounds.

    `revision` is null without --git.
    """

    name: str
    command: str
    parameters: Mapping[str, str]
    time_s: Interval
    cpu_s: Interval | None
    peak_rss_bytes: float
    times_s: tuple[float, ...]
    revision: Revision | None = None


@dataclass(frozen=True)
class CommandDifference:
    """A command compared with the first of its group; ratios above 1 are more. `regression` is that of the option."""

    name: str
    verdict: Verdict
    time: Interval
    cpu: Interval | None
    peak_rss: float
    regression: bool


@dataclass(frozen=True)
class GroupDocument:
    """A group of commands: the plan, the figures, the differences, and the control.

    `detectable` is the fraction that the plan was to find, null without a pilot.
    """

    parameters: Mapping[str, str]
    shell: str
    rounds: int
    detectable: float | None
    confidence: float
    trusted: bool
    control: Interval
    commands: tuple[CommandFigures, ...]
    differences: tuple[CommandDifference, ...]


@dataclass(frozen=True)
class AbDocument:
    """What `ab --json` prints. `percent` is the value of --fail-on-regression, if it was given."""

    seed: int
    groups: tuple[GroupDocument, ...]
    percent: float | None = None


def document_of(groups: Sequence[Measured], seed: int, percent: float | None) -> AbDocument:
    """Return the document of all groups."""
    return AbDocument(seed, tuple(_group(measured, percent) for measured in groups), percent)


def _group(measured: Measured, percent: float | None) -> GroupDocument:
    group, judgement = measured.group, measured.judgement
    slower = judgement.regressions(percent) if percent is not None else ()
    figures = zip(group.commands, judgement.figures, measured.launches, strict=True)
    differences = zip(group.commands[1:], judgement.differences, strict=True)
    return GroupDocument(
        group.parameters,
        " ".join(group.shell),
        measured.plan.rounds,
        measured.plan.detectable,
        judgement.confidence,
        judgement.trusted,
        judgement.control,
        tuple(
            CommandFigures(
                command.name,
                command.text,
                command.parameters,
                found.time_s,
                found.cpu_s,
                found.peak_rss_bytes,
                tuple(wall_s(launches).values()),
                command.revision,
            )
            for command, found, launches in figures
        ),
        tuple(
            CommandDifference(command.name, found.verdict, found.time, found.cpu, found.peak_rss, i in slower)
            for i, (command, found) in enumerate(differences)
        ),
    )


def hyperfine_of(groups: Sequence[Measured]) -> dict[str, Any]:
    """Return the commands of all groups as hyperfine's --export-json has them; the control is left out."""
    return {
        "results": [
            _hyperfine_result(command, launches)
            for measured in groups
            for command, launches in zip(measured.group.commands, measured.launches, strict=True)
        ]
    }


def _hyperfine_result(command: Command, launches: Launches) -> dict[str, Any]:
    results = list(launches.values())
    return {
        **summary(command.title, list(wall_s(launches).values())),
        "user": fmean(result.user_ns for result in results) / 1e9,
        "system": fmean(result.system_ns for result in results) / 1e9,
        "memory_usage_byte": [result.peak_rss_bytes for result in results],
        "exit_codes": [_exit_code(result) for result in results],
        "parameters": dict(command.parameters),
    }


def _exit_code(result: JobResult) -> int:
    """Return the exit status as a shell has it: that of a process killed by a signal is 128 and the signal."""
    return 128 + result.signal if result.signal else result.exit_status
