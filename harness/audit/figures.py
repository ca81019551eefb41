"""Compare the stored figures of a run with those that its samples give."""

from __future__ import annotations

import csv
import html
import io
import math
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from harness.audit.checks import Check, fails, holds, unchecked
from harness.model.results import Results
from harness.report.csv import csv_text, sizes_text
from harness.report.headline import headline
from harness.report.render import render
from harness.util.format import significant
from harness.util.home import without_home

TOLERANCE = 1e-9
"""Relative difference below which two figures are the same: libraries of another version round the last bits."""

REPORT = "report.html"

TOKEN = re.compile(r"[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?|[^\W\d]+|[^\w\s]")
"""A number, a word or a sign of a page."""

EMBEDDED = re.compile(r'href="data:[^"]*"|<script.*?</script>|<style.*?</style>|<meta [^>]*>', re.S)
"""Parts of a page that are no figures: the run's files, which are checked by themselves, scripts, and style sheets."""


def check_tables(folder: Path, results: Results) -> list[Check]:
    """Check results.csv and, for a run with several n, sizes.csv."""
    checks = [_check_table(folder / "results.csv", csv_text(results.rows), 1)]
    if results.sizes:
        checks.append(_check_table(folder / "sizes.csv", sizes_text(results.sizes), 2))
    return checks


def _check_table(path: Path, expected: str, keys: int) -> Check:
    """Compare a table with the recomputed one; the first `keys` columns name a line."""
    try:
        stored = path.read_bytes().decode("utf-8")
    except OSError as error:
        return fails(path.name, f"the file cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        return fails(path.name, "the file is not UTF-8 text")
    wanted = _lines(expected)
    if stored == expected:
        return holds(path.name, f"its {len(wanted) - 1} lines are, byte for byte, what the samples give")
    difference = _difference(_lines(stored), wanted, keys)
    if difference:
        return fails(path.name, difference)
    return holds(path.name, f"its {len(wanted) - 1} lines are what the samples give")


def _lines(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def _difference(stored: list[list[str]], wanted: list[list[str]], keys: int) -> str:
    """Return the first difference of two tables in words; empty without one."""
    if stored[:1] != wanted[:1]:
        return "its columns are not those of this version"
    head, found = wanted[0], {tuple(line[:keys]): line for line in stored[1:]}
    if len(stored) != len(wanted):
        return f"it has {len(stored) - 1} lines where the samples give {len(wanted) - 1}"
    different = []
    for line in wanted[1:]:
        name = " at n = ".join(line[:keys])
        other = found.get(tuple(line[:keys]))
        if other is None or len(other) != len(line):
            return f"it has no line of {name}"
        different += [
            f"{name}: {column} is {_quoted(before)}, and the samples give {_quoted(after)}"
            for column, before, after in zip(head, other, line, strict=True)
            if not same(before, after)
        ]
    more = f" (and {len(different) - 1} more fields differ)" if len(different) > 1 else ""
    return different[0] + more if different else ""


def _quoted(field: str) -> str:
    return field or "empty"


def same(one: str, other: str) -> bool:
    """Return whether two texts are equal, or numbers that are equal within TOLERANCE."""
    if one == other:
        return True
    try:
        return math.isclose(float(one), float(other), rel_tol=TOLERANCE, abs_tol=0.0)
    except ValueError:
        return False


def check_report(folder: Path, results: Results, page: Callable[[Results], str] = render) -> list[Check]:
    """Check the headline of report.html, and every figure on the page."""
    try:
        stored = (folder / REPORT).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return [fails(REPORT, f"the file cannot be read: {error.strerror}")]
    expected = without_home(page(results))
    sentence = headline(results)
    if stored == expected:
        return [
            holds("headline", sentence),
            holds(REPORT, "the page is, byte for byte, what the samples give"),
        ]
    difference = _first_difference(_tokens(stored), _tokens(expected))
    if not difference:
        return [holds("headline", sentence), holds(REPORT, "its words and figures are what the samples give")]
    found = without_home(sentence) in html.unescape(stored)
    said = holds("headline", sentence) if found else fails("headline", f"the page does not say: {sentence}")
    remedy = "the command report writes it again, also one that another version wrote"
    return [said, fails(REPORT, f"it is not the page that the samples give, {difference}; {remedy}")]


def _tokens(page: str) -> list[str]:
    return TOKEN.findall(EMBEDDED.sub("", page))


def _first_difference(stored: list[str], expected: list[str]) -> str:
    """Return the first difference of two texts, with the words around it; empty without one."""
    for i, (one, other) in enumerate(zip(stored, expected, strict=False)):
        if not same(one, other):
            before = " ".join(stored[max(0, i - 6) : i])
            return f"after '{before}' it has {one!r} where {other!r} is right"
    if len(stored) != len(expected):
        return "it is longer" if len(stored) > len(expected) else "its end is missing"
    return ""


def check_totals(results: Results, walls_ns: Iterable[int]) -> Check:
    """Check the seconds that the record says all launches took."""
    record, launches_s = results.record, sum(walls_ns) / 1e9
    if record.finished_at is None:
        return unchecked("run.json", "the run was not finished, so that its totals are not final")
    if not math.isclose(record.launches_s, launches_s, rel_tol=TOLERANCE):
        stored, given = significant(record.launches_s), significant(launches_s)
        return fails("run.json", f"it says that all launches took {stored} s, and the samples give {given} s")
    return holds("run.json", f"all launches took {significant(launches_s)} s, as the samples give")
