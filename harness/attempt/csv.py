"""Write the entries of a folder as CSV for a gradebook: one line an entry. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping

from harness.attempt.documents import TryDocument
from harness.attempt.outcome import Tried
from harness.attempt.text import place
from harness.util.home import without_home

Value = str | int | float | bool | None

COLUMNS: Mapping[str, Callable[[Tried], Value]] = {
    "entry": lambda entry: entry.name,
    "verdict": lambda entry: entry.verdict,
    "rank": lambda entry: entry.rank.rstrip("="),
    "shared": lambda entry: "yes" if entry.rank.endswith("=") else "",
    "language": lambda entry: entry.language,
    "threads": lambda entry: entry.threads,
    "time_s": lambda entry: entry.time.value if entry.time else None,
    "low_s": lambda entry: entry.time.low if entry.time else None,
    "high_s": lambda entry: entry.time.high if entry.time else None,
    "estimated": lambda entry: ("yes" if entry.estimated else "no") if entry.time else None,
    "times_naive": lambda entry: entry.times_naive.value if entry.times_naive else None,
    "peak_share": lambda entry: entry.peak_share.value if entry.peak_share else None,
    "library_share": lambda entry: entry.library_share.value if entry.library_share else None,
    "place": lambda entry: place(entry) if entry.time else None,
    "code": lambda entry: entry.code,
    "reason": lambda entry: entry.reason,
}
"""The columns, and the value of each for an entry."""

FORMULA = ("=", "+", "-", "@")
"""First characters of a text that a spreadsheet computes, also of one that comes from an entry's author."""


def csv_text(document: TryDocument) -> str:
    """Return the entries as CSV; an unknown value is an empty field."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in document.entries:
        writer.writerow([_safe(value(entry)) for value in COLUMNS.values()])
    return without_home(text.getvalue())


def _safe(value: Value) -> Value:
    """Return a text such that a spreadsheet shows it: with an apostrophe before what it would compute."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
