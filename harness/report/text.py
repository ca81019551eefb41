"""Numbers as people read them: three significant figures, times in the unit that fits."""

from __future__ import annotations

import math
from pathlib import PurePath

from harness.model import Row


def significant(value: float, digits: int = 3) -> str:
    """`value` with three significant figures, no exponent, thousands separated: 61,900, 0.0123, 5.00."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    places = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    # rounding may have added a digit in front: 999.9 becomes 1,000
    places = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    return f"{rounded:,.{places}f}"


def duration(seconds: float) -> str:
    """A time: '5 h 21 min', '2 min 03 s', '31.2 ms'."""
    if seconds >= 3600:
        minutes = round(seconds / 60)
        return f"{minutes // 60:,} h {minutes % 60:02d} min"
    if seconds >= 120:
        whole = round(seconds)
        return f"{whole // 60} min {whole % 60:02d} s"
    unit, factor = unit_of(seconds)
    return f"{significant(seconds / factor)} {unit}"


def unit_of(seconds: float) -> tuple[str, float]:
    """The unit that a time below two minutes is given in, and how many seconds it has."""
    return next((found for found in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)) if seconds >= found[1]), ("ns", 1e-9))


def size(count: float) -> str:
    """A number of bytes, in binary units."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024 or unit == "GiB":
            return f"{significant(count) if unit != 'B' else int(count)} {unit}"
        count /= 1024
    raise AssertionError


def percent(share: float, digits: int = 3) -> str:
    """A share of one, in percent with significant figures, never an exponent."""
    return f"{significant(share * 100, digits)}%"


COMMENTS = {
    **dict.fromkeys((".py", ".rb", ".pl", ".nim", ".sh", ".jl", ".R"), ("#",)),
    **dict.fromkeys((".lua", ".hs", ".adb"), ("--",)),
    **dict.fromkeys((".lisp", ".scm"), (";",)),
    ".f90": ("! ",),
    ".ml": ("(*",),
    ".pas": ("{", "//"),
}
"""How a line that is all comment begins, by the file's suffix; C's way where nothing else is said."""


def lines_of_code(source: str, filename: str) -> int:
    """Lines that are neither blank nor comment."""
    marks = COMMENTS.get(PurePath(filename).suffix, ("//", "/*", "*"))
    lines = (line.strip() for line in source.splitlines())
    return sum(bool(line) and not line.startswith(marks) for line in lines)


def spread(value: float, low: float | None, high: float | None) -> str:
    """An interval by how far it reaches on either side: '−1.2% +3.4%'; empty where there is none."""
    if low is None or high is None:
        return ""
    below, above = 100 * (1 - low / value), 100 * (high / value - 1)
    # the farther end has two significant figures, the nearer one as many places: no '−0.0099% +12%'
    places = max(0, 1 - math.floor(math.log10(max(below, above, 1e-3))))
    return f"−{below:.{places}f}% +{above:.{places}f}%"


def who(row: Row) -> str:
    """A kernel in a sentence: 'C (parallel, 2 threads)'; one of the matrix engine says what it computes with."""
    threads = f"{row.threads} thread" + ("s" if row.threads > 1 else "")
    if row.products:
        return f"{row.language_name} on the matrix engine ({row.products} products of bytes, {threads})"
    return f"{row.language_name} ({row.rung}, {threads})"


def took(row: Row) -> str:
    """A row's time with how sure it is: '5 h 21 min (estimated from 2 of 4096 rows, ±2.1%)'."""
    assert row.median_s is not None
    notes = [f"estimated from {row.rows} of {row.n} rows"] if row.estimated else []
    notes += [found] if (found := spread(row.median_s, row.low_s, row.high_s)) else []
    return duration(row.median_s) + (f" ({', '.join(notes)})" if notes else "")


def headline(rows: list[Row], baseline: str) -> str:
    """The run's answer in a sentence or two, made of measured rows only."""
    measured = sorted((row for row in rows if row.median_s is not None), key=lambda row: row.median_s or 0)
    if not measured:
        return "No kernel was measured in this run."
    fastest = measured[0]
    base = next((row for row in measured if row.kernel == baseline), measured[-1])
    n = fastest.n
    product = f"the product of two {n} × {n} matrices of doubles"
    if base is fastest:
        return f"On this machine, {product} takes {who(fastest)} {took(fastest)}."
    sentence = (
        f"On this machine, {product} takes {who(base)} {took(base)} and {who(fastest)} {took(fastest)}: "
        f"{_times(base, fastest)}."
    )
    own = next((row for row in measured if not row.rung.startswith("library")), None)
    if own and own is not fastest and own is not base:
        sentence += f" Without a library, the fastest is {who(own)} with {took(own)}: {_times(base, own)}."
    return sentence


def _times(base: Row, fast: Row) -> str:
    assert base.median_s and fast.median_s
    if fast.speedup is not None:
        bounds = (
            f" ({significant(fast.speedup_low)} to {significant(fast.speedup_high)})"
            if fast.speedup_low is not None and fast.speedup_high is not None
            else ""
        )
        return f"{significant(fast.speedup)} times{bounds}"
    return f"{significant(base.median_s / fast.median_s)} times"
