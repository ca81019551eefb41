"""Show the entries of a folder as a table for the terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.attempt.documents import TryDocument
from harness.attempt.outcome import Order, Tried
from harness.attempt.sentences import repeated
from harness.attempt.verdict import Verdict
from harness.util.format import duration, percent, significant, spread
from harness.util.paths import page

MAX_NAME = 32
"""Characters of a name in the table: file systems allow 255, which would push the figures off the screen."""

NONE = "–"
"""A cell for which there is no value."""

HEAD = ("rank", "entry", "language", "time", "times naive", "peak", "library", "place")


def table_lines(document: TryDocument) -> list[str]:
    """Return the table of the entries, what they were measured beside, and what confined them."""
    entries = document.entries
    lines = [summary(document), ""]
    timed = [entry for entry in entries if entry.time]
    lines += _table(HEAD, [_cells(entry) for entry in timed]) if timed else []
    others = [entry for entry in entries if not entry.time]
    lines += ["", *(_without_time(entry) for entry in others)] if others else []
    if document.references:
        beside = ", ".join(f"{each.kernel} {duration(each.time.value)}" for each in document.references)
        lines += ["", f"Measured beside: {beside}."]
    notes = [RANKS] if any("=" in entry.rank for entry in timed) else []
    notes += [document.confinement, f"Ways to cheat, and the checks that find them: {page('lies.md')}."]
    return [*lines, "", *notes, repeated(document.seed)]


RANKS = "Entries that share a rank, as 2=, have as many significantly faster ones before them."


def summary(document: TryDocument) -> str:
    """Return in one sentence how many entries are right, and how they were measured."""
    counts = [
        f"{count} {verdict}"
        for verdict in Verdict
        if (count := sum(entry.verdict == verdict for entry in document.entries))
    ]
    finished = "" if document.finished else "Interrupted. "
    threads = f"{document.threads} thread{'s' if document.threads > 1 else ''} at most"
    return (
        f"{finished}{document.what}: {counted(len(document.entries))}: {', '.join(counts)}; n = {document.n}, "
        f"{threads}, {document.backend} ({document.why}), {document.chip}."
    )


def counted(entries: int) -> str:
    """Return a number of entries in words."""
    return f"{entries} {'entry' if entries == 1 else 'entries'}"


def place(entry: Tried) -> str:
    """Return the rungs between which an entry stands."""
    slower = [each.kernel for each in entry.neighbours if each.order == Order.SLOWER][-1:]
    level = [each.kernel for each in entry.neighbours if each.order == Order.LEVEL]
    faster = [each.kernel for each in entry.neighbours if each.order == Order.FASTER][:1]
    parts = [*(f"above {name}" for name in slower), *(f"level with {name}" for name in level)]
    return ", ".join([*parts, *(f"below {name}" for name in faster)]) or NONE


def _cells(entry: Tried) -> list[str]:
    assert entry.time is not None
    interval = spread(entry.time.value, entry.time.low, entry.time.high)
    time = " ".join(filter(None, [duration(entry.time.value), interval, "est." if entry.estimated else ""]))
    return [
        entry.rank,
        _cut(entry.name),
        entry.language,
        time,
        significant(entry.times_naive.value) if entry.times_naive else NONE,
        percent(entry.peak_share.value) if entry.peak_share else NONE,
        percent(entry.library_share.value) if entry.library_share else NONE,
        place(entry),
    ]


def _without_time(entry: Tried) -> str:
    check = f" ({entry.code})" if entry.verdict == Verdict.IMPLAUSIBLE else ""
    return f"{_cut(entry.name)}: {entry.verdict}{check}: {entry.reason}"


def _cut(name: str) -> str:
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
