"""Write a run's answer as a sentence."""

from __future__ import annotations

from harness.model.result import Row
from harness.util.format import duration, significant, spread


def who(row: Row) -> str:
    """A kernel in a sentence: 'C (parallel, 2 threads)'; one of the matrix engine says what it computes with."""
    threads = f"{row.threads} thread" + ("s" if row.threads > 1 else "")
    if row.int8_products:
        return f"{row.language_name} on the matrix engine ({row.int8_products} products of bytes, {threads})"
    return f"{row.language_name} ({row.variant}, {threads})"


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
    own = next((row for row in measured if not row.variant.startswith("library")), None)
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
