"""Show a run, or a comparison of runs, as Markdown for a pull request or the summary of a CI job. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from harness.analysis.compare import Change, Comparison, Timed, Verdict
from harness.model.result import Row, fastest_first
from harness.model.results import Results
from harness.report.comparison import as_sentence, columns, instructions, machines, variation
from harness.report.summary import summary
from harness.util.chip import chip_name
from harness.util.format import duration, percent, significant

NONE = "–"
"""A cell for which there is no value."""

SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$])")
"""Characters that Markdown could take for markup, or for the end of a cell."""


def report_markdown(results: Results) -> str:
    """Return a run as Markdown: its answer, its kernels fastest first, and its findings."""
    record, config = results.record, results.config
    first, *others = summary(results)
    finished = "" if record.finished_at else ", interrupted"
    parts = [
        f"**{text(first)}**",
        *map(text, others),
        kernel_table(results),
        _bullets(f"{row.kernel}: {row.status}: {row.reason}" for row in results.rows if row.time is None),
        _bullets(f"{finding.observation}: {finding.remedy}" for finding in results.findings),
        text(
            f"{chip_name(record.host)}, {record.host.os}, {record.backend.name}, n = {config.n}, "
            f"threads: {config.threads}; run {record.id}{finished}"
        ),
    ]
    return "\n\n".join(part for part in parts if part)


def comparison_markdown(comparisons: Iterable[Comparison]) -> str:
    """Return comparisons as Markdown: a table for each, in bold what is faster or slower."""
    return "\n\n".join(_comparison(comparison) for comparison in comparisons)


def kernel_table(results: Results) -> str:
    """Return the table of a run's kernels, fastest first, those without a time last."""
    head = [
        "kernel",
        f"time, n = {results.config.n}",
        f"{results.config.confidence:.0%} interval",
        "GFLOPS",
        "share of peak",
        f"times `{results.config.baseline}`",
    ]
    missing = [row for row in results.rows if row.time is None]
    return table(head, [_cells(row) for row in [*fastest_first(results.rows), *missing]])


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table, the first column aligned left, the others right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def time_cell(seconds: float, estimated: bool) -> str:
    """Return a time as a cell, marked if it is an estimate."""
    return duration(seconds) + (" (estimate)" if estimated else "")


def peak_share(row: Row) -> str:
    """Return a row's share of the peak as a cell."""
    return percent(row.rate.peak_share) if row.rate and row.rate.peak_share is not None else NONE


def text(words: str) -> str:
    """Return words such that Markdown shows them as they are, in one line."""
    return SPECIAL.sub(r"\\\1", " ".join(words.split()))


def _cells(row: Row) -> list[str]:
    if row.time is None:
        return [f"`{row.kernel}`", row.status, *[""] * 4]
    bounds = row.time.interval
    return [
        f"`{row.kernel}`",
        time_cell(row.time.value, row.estimated),
        f"{duration(bounds.low)} – {duration(bounds.high)}" if bounds else NONE,
        significant(row.rate.gflops) if row.rate else NONE,
        peak_share(row),
        significant(row.speedup.value) if row.speedup else NONE,
    ]


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {text(line)}" for line in lines)


def _comparison(comparison: Comparison) -> str:
    head = ["kernel", "verdict", *map(text, columns(comparison)), "ratio", "interval", "instructions", "why"]
    return "\n\n".join(
        [
            f"**{text(comparison.after)} compared with {text(comparison.before)}**",
            text(f"{machines(comparison)}. {as_sentence(variation(comparison))}."),
            table(head, [_change(change) for change in comparison.changes]),
        ]
    )


def _change(change: Change) -> list[str]:
    ratio = change.ratio
    decided = change.verdict in (Verdict.FASTER, Verdict.SLOWER)
    return [
        f"`{change.kernel}`",
        f"**{change.verdict}**" if decided else change.verdict,
        _timed(change.before),
        _timed(change.after),
        f"{ratio.value:.3f}" if ratio else NONE,
        f"{ratio.low:.3f} – {ratio.high:.3f}" if ratio and ratio.low is not None and ratio.high is not None else NONE,
        instructions(change) or NONE,
        text(change.reason),
    ]


def _timed(time: Timed | None) -> str:
    return time_cell(time.seconds, time.estimated) if time else NONE
