"""Show comparisons as Markdown, for the summary of a CI job or a comment on a pull request. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from harness.ab.text import (
    HEAD,
    cells,
    control_line,
    parameters_line,
    regression_line,
    sentences,
    shell_line,
)
from harness.ab.verdicts import Measured
from harness.analysis.compare import Verdict
from harness.model.machine import HostInfo
from harness.report.markdown import table, text
from harness.util.chip import chip_name


def ab_markdown(groups: Sequence[Measured], percent_slower: float | None, machine: HostInfo) -> str:
    """Return comparisons as Markdown; `percent_slower` is that of --fail-on-regression."""
    machine_line = f"{chip_name(machine)}, {machine.processors} processors, {machine.os}"
    return "\n\n".join([*(_group(measured, percent_slower) for measured in groups), text(machine_line)])


def _group(measured: Measured, percent_slower: float | None) -> str:
    group, judgement = measured.group, measured.judgement
    rows = [
        [f"{command.name}: {text(command.title)}", *map(text, cells(figures))]
        for command, figures in zip(group.commands, judgement.figures, strict=True)
    ]
    slower = regression_line(measured, percent_slower)
    parts = [
        _bold(parameters_line(group)),
        table(["command", *HEAD[1:]], rows),
        *(
            f"{_verdict(sentence, difference.verdict)}\n{text(detail)}"
            for (sentence, detail), difference in zip(sentences(measured), judgement.differences, strict=True)
        ),
        text(shell_line(group)),
        text(control_line(measured)) if judgement.trusted else _bold(control_line(measured)),
        _bold(slower),
    ]
    return "\n\n".join(part for part in parts if part)


def _verdict(sentence: str, verdict: Verdict) -> str:
    return text(sentence) if verdict == Verdict.SAME else _bold(sentence)


def _bold(words: str) -> str:
    return f"**{text(words)}**" if words else ""
