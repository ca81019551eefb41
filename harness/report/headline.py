"""Write the result of a run as a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from harness.model.result import Row, fastest_first
from harness.util.format import duration, significant, spread


def who(row: Row) -> str:
    """Return a kernel's name in a sentence, such as 'C (parallel, 2 threads)'."""
    threads = f"{row.threads} thread" + ("s" if row.threads > 1 else "")
    if row.int8_products:
        return f"{row.language_name} on the matrix engine ({row.int8_products} products of bytes, {threads})"
    return f"{row.language_name} ({row.variant}, {threads})"


def took(row: Row) -> str:
    """Return a row's time with its interval: '5 h 21 min (estimated from 2 of 4096 rows, −2.1% +2.1%)'."""
    assert row.time is not None
    notes = [f"estimated from {row.rows} of {row.n} rows"] if row.estimated else []
    notes += [interval] if (interval := spread(row.time.value, row.time.low, row.time.high)) else []
    return duration(row.time.value) + (f" ({', '.join(notes)})" if notes else "")


def headline(rows: Sequence[Row], baseline: str) -> str:
    """Return the result of a run in a sentence or two, from measured rows only."""
    measured = fastest_first(rows)
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
    # the fastest kernel that is no call of a library
    coded = next((row for row in measured if not row.variant.startswith("library")), None)
    if coded and coded is not fastest and coded is not base:
        sentence += f" Without a library, the fastest is {who(coded)} with {took(coded)}: {_times(base, coded)}."
    return sentence


def _times(base: Row, fast: Row) -> str:
    assert base.time and fast.time
    if fast.speedup is None:
        return f"{significant(base.time.value / fast.time.value)} times"
    bounds = fast.speedup.interval
    ends = f" ({significant(bounds.low)} to {significant(bounds.high)})" if bounds else ""
    return f"{significant(fast.speedup.value)} times{ends}"
