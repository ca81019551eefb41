"""Decide how a kernel is measured: by whole products, by two row counts, or by blocks of rows. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from harness.measure.pilot import LONG_CALL_NS, PILOT_REPS
from harness.model.config import Config
from harness.model.sample import Sample

LEVEL_RATIO = 4
"""Ratio of the two row counts of an estimate: far enough apart for a precise slope."""

MIN_LEVEL_RATIO = 3
"""The same where rows are so slow that the budget is exceeded: a slope between 1 and 2 rows would be mostly noise."""

MIN_ROW_FRACTION = 0.5
"""Minimum fraction of a call's time that must come from its rows in an estimate, and not from the call itself."""

ESTIMATE_ROUNDS = 5
"""Rounds of an estimate: few rounds of many rows, because an estimate lacks rows and not rounds."""

MAX_WHOLE_BUDGETS = 5.5
"""Number of budgets up to which a kernel is measured whole: a measurement is worth more than an estimate."""

MIN_REPS = 2
"""Calls of a launch: the first, which includes JIT compilation and first access to memory, is left out of the time."""

MAX_REPS = 50
"""Maximum calls of a launch: more calls than this add nothing, because times vary between launches."""

BLOCK_NS = 120e9
"""Time of a whole product, in ns, above which --full measures it in blocks of half this time: an interruption then
loses one block only."""


class Coverage(StrEnum):
    """The rows that a kernel's launches compute: all, two numbers of rows, or (a slow one, --full) all in blocks."""

    WHOLE = "whole"
    TWO_ROW_COUNTS = "rows"
    BLOCKS = "blocks"


@dataclass(frozen=True)
class Mode:
    """How a kernel is measured: the coverage, the row counts of its launches, and the calls of each."""

    coverage: Coverage
    rows: tuple[int, ...]
    reps: int = 1


def mode_of(row_ns: float, config: Config, threads: int, outside_ns: float = 0.0, warm_up_rows: int = 0) -> Mode:
    """Return the mode for a kernel that takes `row_ns` for a row, and `outside_ns` for a launch outside its calls.

    The budget is divided into as many launches as it has rounds, because a time varies more between launches than
    within one. But no launch computes for less time than it takes to start: a JIT would never settle. `warm_up_rows`
    is the number of rows after which a JIT has settled; a launch whose first call has fewer gets more calls, so that
    most of its later calls have settled.
    """
    budget_ns, n = config.budget_s * 1e9, config.n
    whole_ns = row_ns * n
    if config.full and whole_ns > BLOCK_NS:
        block = max(threads, int(BLOCK_NS / 2 / row_ns) // threads * threads)
        return Mode(Coverage.BLOCKS, (min(n, block),))
    if config.full or MIN_REPS * whole_ns * config.min_rounds <= MAX_WHOLE_BUDGETS * budget_ns:
        reps = round(max(budget_ns / config.rounds, outside_ns) / whole_ns)
        return Mode(Coverage.WHOLE, (n,), max(1 if whole_ns > budget_ns else MIN_REPS, min(MAX_REPS, reps)))
    rows_of_round = budget_ns / min(ESTIMATE_ROUNDS, config.rounds) / row_ns / (1 + 1 / LEVEL_RATIO)
    # where rows are few, each is so long that the extra cost of a first call vanishes beside it: one call is enough
    reps = MIN_REPS if rows_of_round > MIN_REPS * MIN_LEVEL_RATIO * threads else 1
    many = threads * _power_of_two(rows_of_round / reps / threads)
    few = max(threads, many // LEVEL_RATIO)
    if unsettled := math.ceil(warm_up_rows / few) - 1 if warm_up_rows else 0:
        reps = min(PILOT_REPS, MIN_REPS + 2 * unsettled)
    if many >= n:
        return Mode(Coverage.WHOLE, (n,))
    return Mode(Coverage.TWO_ROW_COUNTS, (few, max(many, MIN_LEVEL_RATIO * few)), reps)


def _power_of_two(x: float) -> int:
    """Return the nearest power of two. Kernels work in blocks; on rows that do not fill a block, each seems slower."""
    return 1 << max(0, round(math.log2(max(1, x))))


def row_counts(mode: Mode, done: dict[int, list[Sample]], n: int) -> tuple[int, ...]:
    """Return the row counts to measure: more than the mode's while the cost of a call hides the cost of its rows.

    A library that first copies all of B takes as long for 2 rows as for 6; the slope would be zero. Only the first
    launch of each row count in `done` decides, so that later noise does not change the decision.
    """
    levels = mode.rows
    while len(levels) == 2:
        few, many = levels
        few_ns, many_ns = (next((s[-1].ns for s in done.values() if s[0].rows == rows), None) for rows in levels)
        if few_ns is None or many_ns is None or many_ns > LONG_CALL_NS:
            break
        if (many_ns - few_ns) / (many - few) * many > MIN_ROW_FRACTION * many_ns:
            break
        levels = (n,) if LEVEL_RATIO * many >= n else (many, LEVEL_RATIO * many)
    return levels
