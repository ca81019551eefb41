"""Decide how a kernel is measured: by whole products, by some of the rows, or by blocks of rows. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from harness.measure.effort import Scale
from harness.measure.pilot import LONG_ROW_NS, Pace
from harness.model.kernel import SERIAL_RUNGS

LONG_CALL_NS = 5e9
"""Time of a call on all rows, in ns, from which on a launch makes a single call, unless its first call takes longer
than others: below it, the first access to the memory of a whole C is one percent of the call and more."""

LONG_ROWS_CALL_RATIO = 2
"""The same for the larger of two numbers of rows, as a multiple of the least time of a call: what a first call costs
once cancels in their difference."""

MAX_WARM_UP_FRACTION = 0.01
"""Largest fraction of a call's time that its warm-up may take in a launch of a single call."""

SLOW_LEVEL_RATIO = 3
"""Ratio of the two row counts of an extrapolation where a row takes longer than LONG_ROW_NS."""

BLOCK_ROWS = 64
"""Rows of a block of the rungs that divide the product."""

MIN_REPS = 2
"""Calls of a launch: the first, which includes JIT compilation and first access to memory, is left out of the time."""

MAX_REPS = 50
"""Maximum calls of a launch: more calls than this add nothing, because times vary between launches."""

BLOCK_NS = 120e9
"""Time of a whole product, in ns, above which --full measures it in blocks of half this time: an interruption then
loses one block only."""


@dataclass(frozen=True)
class Mode:
    """How a kernel is measured: the row counts of a round's launches, and the calls of each.

    One row count of n is the whole product. One that is smaller is some of the rows, from a row drawn at random; two
    are extrapolated. With `blocks`, the launches of the rounds compute all rows in order.
    """

    rows: tuple[int, ...]
    reps: int = 1
    blocks: bool = False


def mode_of(pace: Pace, rung: str, n: int, threads: int, whole_up_to_ns: float, scale: Scale) -> Mode:
    """Return the mode of a kernel of this pace, which is measured whole if it takes up to `whole_up_to_ns`.

    Otherwise, only the loops of the rungs that use one thread by definition have no cost per call. A blocked kernel has
    one, and cuts few rows into other blocks than many: its rows must make up nearly the whole call.
    """
    whole_ns = pace.row_ns * n
    if whole_ns <= whole_up_to_ns:
        if whole_up_to_ns == math.inf and whole_ns > BLOCK_NS:
            return Mode((min(n, _multiple(BLOCK_NS / 2 / pace.row_ns, threads)),), blocks=True)
        return _whole(pace, n, scale)
    serial = rung in SERIAL_RUNGS
    rows = _serial_rows(pace, scale) if serial else _two_row_counts(pace, threads, scale)
    if 2 * rows[-1] >= n:
        return _whole(pace, n, scale)
    long_ns = LONG_ROW_NS if serial else LONG_ROWS_CALL_RATIO * scale.rows_ns
    return Mode(rows, 1 if _once(pace, rows[-1], long_ns) else MIN_REPS)


def _once(pace: Pace, rows: int, long_ns: float) -> bool:
    """Return whether a single call is enough for a launch: it is long, and its warm-up is a small part of it."""
    call_ns = rows * pace.row_ns
    return call_ns >= long_ns and pace.warm_up_ns <= MAX_WARM_UP_FRACTION * call_ns


def _whole(pace: Pace, n: int, scale: Scale) -> Mode:
    """Return the mode of whole products: most efforts make calls for as long as a launch takes outside of them."""
    call_ns = pace.row_ns * n
    if _once(pace, n, LONG_CALL_NS):
        return Mode((n,))
    reps = round(max(scale.launch_ns, scale.outside_fraction * pace.outside_ns) / call_ns) + 1
    return Mode((n,), max(MIN_REPS, min(MAX_REPS, reps)))


def _serial_rows(pace: Pace, scale: Scale) -> tuple[int, ...]:
    """Return the number of rows of a kernel without a cost per call: as many as a JIT needs to settle, at least."""
    call_ns = max(scale.rows_ns, scale.outside_fraction * pace.outside_ns / MIN_REPS)
    return (max(1, round(call_ns / pace.row_ns), pace.warm_up_rows),)


def _two_row_counts(pace: Pace, threads: int, scale: Scale) -> tuple[int, ...]:
    """Return the two row counts of a kernel whose calls have a cost of their own."""
    fixed_rows = pace.fixed_ns / pace.row_ns
    least = max(
        fixed_rows * scale.row_fraction / (1 - scale.row_fraction), scale.rows_ns / pace.row_ns, pace.warm_up_rows
    )
    few = threads * _whole_blocks(least / threads)
    return (few, few * (SLOW_LEVEL_RATIO if pace.row_ns * threads > LONG_ROW_NS else scale.level_ratio))


def _multiple(rows: float, threads: int) -> int:
    return max(threads, int(rows) // threads * threads)


def _whole_blocks(rows: float) -> int:
    """Return the next power of two, or three quarters of it where these are enough and a multiple of BLOCK_ROWS.

    Kernels work in blocks; on rows that do not fill a block, each seems slower.
    """
    power = 1 << max(0, math.ceil(math.log2(max(1.0, rows))))
    less = 3 * power // 4
    return less if rows <= less and less % BLOCK_ROWS == 0 else power
