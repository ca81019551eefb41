"""What to launch next: a pure function of what was measured so far.

So a resumed run goes on as the first would have.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from harness.model import Config, Kernel, Sample, Step

PILOT_NS = 100_000_000
"""A pilot's call that is much shorter than this says little about a whole product."""

PILOT_REPS = 6
LEAST_PILOT_REPS = 2
"""Where a row seems to be long; but it may be so only while a JIT warms up, as it was in the checks."""

STEADY = 0.75
"""While a pilot's last call is below this share of its second, a JIT still warms up, and the next pilot gets more rows:
a JIT's first rows can take twenty times as long as its later ones, and would make an estimate of nothing."""

LONG_NS = 2_000_000_000
"""No pilot is made to take longer than this, and no row count is raised from a call that took this long."""

SCALAR_STEP_NS = 0.4
CACHE_MISSES = (4, 16)
"""How many times as long as in the checks' small matrices a step may take where it misses the caches: with vectors,
and one at a time, as it is done where it took more than SCALAR_STEP_NS there. First pilots are as much shorter."""

LEVEL_RATIO = 4
"""Many rows to few, in the two row counts of an estimate: far enough apart for a steady slope."""

LEAST_RATIO = 3
"""The same where rows are so slow that the budget is exceeded: a slope between 1 and 2 rows would be mostly noise."""

LEAST_SLOPE = 0.5
"""The share of a call's time that must come from its rows in an estimate."""

WHOLE_IF = 5.5
"""A kernel is measured whole even at this many times its budget: a measurement is worth more than an estimate."""

LEAST_REPS = 2
"""Calls of a launch, so that a first call (a JIT compiles in it, memory is touched for the first time) is told from
what follows, and left out of the row's time."""

MAX_REPS = 50
BLOCK_NS = 120e9
"""A whole product of more than this is measured in blocks of rows of about half as much: a stop loses only one."""


@dataclass(frozen=True)
class Mode:
    """How a kernel is measured: whole products, two row counts, or (a slow one, --full) every row in blocks."""

    kind: str
    rows: tuple[int, ...]
    reps: int = 1


def launches_in(samples: Iterable[Sample], purpose: str) -> dict[int, list[Sample]]:
    """Samples of a purpose by launch number, in order."""
    found: dict[int, list[Sample]] = {}
    for sample in samples:
        if sample.purpose == purpose:
            found.setdefault(sample.launch, []).append(sample)
    return found


def pilot(history: list[Sample], n: int, threads: int, hint_ns: float) -> Step | float:
    """The next pilot launch, or ns for one row once the last pilot was long enough.

    `hint_ns` is a first guess of the time of a row, from the checks; it decides how many rows the first pilot has.
    """
    pilots = launches_in(history, "pilot")
    if not pilots:
        careful = CACHE_MISSES[hint_ns > SCALAR_STEP_NS * n * n]
        rows = max(1, round(PILOT_NS / careful / hint_ns / threads)) * threads
        return Step(min(rows, n), _pilot_reps(hint_ns), "pilot")
    *before, calls = sorted(pilots.values(), key=lambda samples: samples[0].rows)
    second, last = calls[min(1, len(calls) - 1)], calls[-1]
    if last.rows < n:
        if last.ns < STEADY * PILOT_NS:
            rows = min(n, last.rows * _growth(last, before[-1][-1] if before else None))
            return Step(rows, _pilot_reps(last.ns / last.rows), "pilot")
        growth = min(4, LONG_NS // (PILOT_REPS * last.ns))
        if last.ns < STEADY * second.ns and growth > 1:
            return Step(min(n, growth * last.rows), PILOT_REPS, "pilot")
    return _row_ns(last, before[-1][-1] if before else None, n)


def _row_ns(last: Sample, before: Sample | None, n: int) -> float:
    """An nth of the whole by the pilots: by the slope between two, since packing B, say, is paid once for all rows."""
    row_ns = last.ns / last.rows
    if before is None:
        return row_ns
    slope = (last.ns - before.ns) / (last.rows - before.rows)
    slope = min(max(slope, row_ns / 4), row_ns)  # no noise of short calls makes more of it
    return (last.ns + (n - last.rows) * slope) / n


def _growth(last: Sample, before: Sample | None) -> int:
    """How many times the rows of a pilot that was too short: by what its rows cost beyond what a call costs at all."""
    fixed_ns = 0.0
    if before:
        fixed_ns = max(0.0, last.ns - last.rows * (last.ns - before.ns) / (last.rows - before.rows))
    # never more than 64 times, since a first row tells little, and never so many that the launch might be a long one
    most = min(64, LONG_NS // (PILOT_REPS * last.ns))
    return max(2, min(most, round((PILOT_NS - fixed_ns) / max(1.0, last.ns - fixed_ns))))


def _pilot_reps(row_ns: float) -> int:
    return PILOT_REPS if row_ns < PILOT_NS else LEAST_PILOT_REPS


def mode_of(row_ns: float, config: Config, threads: int) -> Mode:
    """How a kernel is measured that takes `row_ns` for a row."""
    budget_ns, n = config.budget_s * 1e9, config.n
    whole_ns = row_ns * n
    if config.full and whole_ns > BLOCK_NS:
        block = max(threads, int(BLOCK_NS / 2 / row_ns) // threads * threads)
        return Mode("blocks", (min(n, block),))
    if config.full or LEAST_REPS * whole_ns * config.min_rounds <= WHOLE_IF * budget_ns:
        reps = int(budget_ns / config.rounds / whole_ns)
        return Mode("whole", (n,), max(1 if whole_ns > budget_ns else LEAST_REPS, min(MAX_REPS, reps)))
    each = budget_ns / config.rounds / row_ns / (1 + 1 / LEVEL_RATIO)
    # so few rows are each so long that whatever a first call costs is nothing beside them
    reps = LEAST_REPS if each > LEAST_REPS * LEAST_RATIO * threads else 1
    many = threads * _power_of_two(each / reps / threads)
    few = max(threads, many // LEVEL_RATIO)
    return Mode("whole", (n,)) if many >= n else Mode("rows", (few, max(many, LEAST_RATIO * few)), reps)


def _power_of_two(x: float) -> int:
    """The nearest: kernels work in blocks, and rows that do not fill one would each seem to take longer."""
    return 2 ** max(0, round(math.log2(max(1, x))))


def next_steps(
    history: list[Sample],
    config: Config,
    threads: int,
    hint_ns: float,
    half_width: Callable[[list[Sample]], float],
) -> tuple[Step, ...]:
    """The launches of a kernel's next round; none once it is done.

    `hint_ns` is a first guess of the time of a row; `half_width` gives the relative half width of the interval of
    what was measured so far.
    """
    first = pilot(history, config.n, threads, hint_ns)
    if isinstance(first, Step):
        return (first,)
    mode = mode_of(first, config, threads)
    done = launches_in(history, "measure")
    if mode.kind == "blocks":
        row0 = sum(samples[0].rows for samples in done.values())
        rows = min(mode.rows[0], config.n - row0)
        return (Step(rows, 1, "measure", row0),) if rows else ()
    levels = _levels(mode, done, config.n)
    counts = {rows: sum(samples[0].rows == rows for samples in done.values()) for rows in levels}
    rounds = min(counts.values())
    spent_ns = sum(samples[0].launch_wall_ns for samples in done.values())
    if rounds and max(counts.values()) == rounds:
        if config.full and first * config.n > config.budget_s * 1e9:
            return ()  # whole, once, is what was asked for
        if rounds >= config.min_rounds:
            over = spent_ns * (rounds + 1) / rounds > config.budget_s * 1e9
            if over or (rounds >= config.rounds and half_width(history) <= config.target):
                return ()
    reps = mode.reps if levels == mode.rows else LEAST_REPS
    shuffled = list(levels)
    random.Random(f"{config.seed} {rounds} levels").shuffle(shuffled)
    return tuple(Step(rows, reps, "measure") for rows in shuffled if counts[rows] == rounds)


def _levels(mode: Mode, done: dict[int, list[Sample]], n: int) -> tuple[int, ...]:
    """The row counts to measure: more than the mode's, as long as what a call costs at all hides what rows cost.

    A library that first copies all of B takes as long for 2 rows as for 6: a slope of nothing. Judged by the first
    launch of each, so that no later noise changes it.
    """
    levels = mode.rows
    while len(levels) == 2:
        few, many = levels
        t_few, t_many = (next((s[-1].ns for s in done.values() if s[0].rows == rows), None) for rows in levels)
        if t_few is None or t_many is None or t_many > LONG_NS:
            break
        if (t_many - t_few) / (many - few) * many > LEAST_SLOPE * t_many:
            break
        levels = (n,) if LEVEL_RATIO * many >= n else (many, LEVEL_RATIO * many)
    return levels


def order(kernels: Iterable[Kernel], seed: int, turn: int) -> list[Kernel]:
    """The kernels in the order of one round: shuffled, so that a drift of the machine falls on all alike."""
    shuffled = list(kernels)
    random.Random(f"{seed} {turn}").shuffle(shuffled)
    return shuffled


def predicted_ns(step: Step, history: list[Sample]) -> float | None:
    """About how long a launch will compute, by the pilot."""
    pilots = [sample for sample in history if sample.purpose == "pilot"]
    if not pilots:
        return None
    last = max(pilots, key=lambda sample: (sample.rows, sample.rep))
    return last.ns / last.rows * step.rows * step.reps
