"""Write how many kernels of a run have counts, a hottest loop and a sentence on what their step changed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness.analysis.reasons import Step, ladders
from harness.model.result import Row
from harness.model.results import Results
from harness.report.each_step import has_sentence
from harness.report.markdown import table
from tools.run_tables import stamp_of

NO_REASON = "the minute of the default run was used up"
"""Why a kernel has no counts, where none is recorded."""


def evidence_table(results: Results) -> str:
    """Return a row for each language, one for all, and the reasons of what is missing."""
    rows = [row for row in results.rows if row.time]
    steps = [step for each in ladders(rows, results.counts, results.loops).values() for step in each if step.before]
    languages = sorted({row.language: row.language_name for row in rows}.items(), key=lambda pair: pair[1])
    cells = [_cells(name, [row for row in rows if row.language == key], steps, results) for key, name in languages]
    head = ["language", "kernels", "counted", "hottest loop found", "steps", "said what changed"]
    body = table(head, [*cells, _cells("all", rows, steps, results)])
    missing = [
        _reasons(
            "Not counted", {row.kernel: _why_not_counted(row, results) for row in rows if not _counted(row, results)}
        ),
        _reasons("No loop", {row.kernel: _why_no_loop(row, results) for row in rows if not _loop(row, results)}),
    ]
    return "\n\n".join([f"{stamp_of(results)}:", body, *filter(None, missing)])


def _cells(name: str, rows: Iterable[Row], steps: Iterable[Step], results: Results) -> list[str]:
    rows = list(rows)
    kernels = {row.kernel for row in rows}
    own = [step for step in steps if step.after.kernel in kernels]
    numbers = (
        len(rows),
        sum(_counted(row, results) for row in rows),
        sum(_loop(row, results) for row in rows),
        len(own),
        sum(map(has_sentence, own)),
    )
    return [name, *map(str, numbers)]


def _counted(row: Row, results: Results) -> bool:
    counts = results.counts.of(row.kernel)
    return bool(counts and counts.per_step)


def _loop(row: Row, results: Results) -> bool:
    return results.loops.of(row.kernel) is not None


def _why_not_counted(row: Row, results: Results) -> str:
    counts = results.counts.of(row.kernel)
    return results.counts.reason or (counts.reason if counts else NO_REASON)


def _why_no_loop(row: Row, results: Results) -> str:
    return results.loops.reason or results.loops.missing.get(row.kernel, NO_REASON)


def _reasons(what: str, reasons: Mapping[str, str]) -> str:
    """Return a list of kernels by their reasons; empty if nothing is missing."""
    by_reason: dict[str, list[str]] = {}
    for kernel, reason in reasons.items():
        by_reason.setdefault(reason, []).append(f"`{kernel}`")
    lines = [f"- {', '.join(kernels)}: {reason}" for reason, kernels in by_reason.items()]
    return "\n".join([f"{what}:", "", *lines]) if lines else ""
