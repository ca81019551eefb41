"""Choose a kernel's next launches from its samples so far.

Pure, so that a resumed run goes on as the first would have.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from harness.analysis.plausibility import MAX_AUDITS, audits_of, plausibility_failures
from harness.measure.pilot import LONG_NS, PILOT_REPS, outside_ns, pilot, warm_up_rows
from harness.model.config import Config
from harness.model.kernel import Kernel
from harness.model.sample import Purpose, Sample, Step, launches_in, spent_ns

LEVEL_RATIO = 4
"""Many rows to few, in the two row counts of an estimate: far enough apart for a steady slope."""

MIN_RATIO = 3
"""The same where rows are so slow that the budget is exceeded: a slope between 1 and 2 rows would be mostly noise."""

MIN_SLOPE = 0.5
"""The share of a call's time that must come from its rows in an estimate."""

ESTIMATE_ROUNDS = 5
"""An estimate is of few rounds of many rows, and not of many rounds of few: rows are what it lacks."""

WHOLE_IF = 5.5
"""A kernel is measured whole even at this many times its budget: a measurement is worth more than an estimate."""

MIN_REPS = 2
"""Calls of a launch, so that a first call (a JIT compiles in it, memory is touched for the first time) is told from
what follows, and left out of the row's time."""

MAX_REPS = 50

BLOCK_NS = 120e9
"""A whole product of more than this is measured in blocks of rows of about half as much: a stop loses only one."""


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
    """How a kernel is measured that takes `row_ns` for a row, and `outside_ns` for a launch beside its calls.

    Launches are as many, and so as short, as the budget's rounds say: between launches a time varies more than within
    one. But none computes for less time than it takes to start: a JIT's would never settle. `warm_up_rows` is how
    many rows such a one takes to settle: where they reach beyond the first call, so many more follow that most of the
    calls that count have settled.
    """
    budget_ns, n = config.budget_s * 1e9, config.n
    whole_ns = row_ns * n
    if config.full and whole_ns > BLOCK_NS:
        block = max(threads, int(BLOCK_NS / 2 / row_ns) // threads * threads)
        return Mode(Coverage.BLOCKS, (min(n, block),))
    if config.full or MIN_REPS * whole_ns * config.min_rounds <= WHOLE_IF * budget_ns:
        reps = round(max(budget_ns / config.rounds, outside_ns) / whole_ns)
        return Mode(Coverage.WHOLE, (n,), max(1 if whole_ns > budget_ns else MIN_REPS, min(MAX_REPS, reps)))
    each = budget_ns / min(ESTIMATE_ROUNDS, config.rounds) / row_ns / (1 + 1 / LEVEL_RATIO)
    # so few rows are each so long that whatever a first call costs is nothing beside them
    reps = MIN_REPS if each > MIN_REPS * MIN_RATIO * threads else 1
    many = threads * _power_of_two(each / reps / threads)
    few = max(threads, many // LEVEL_RATIO)
    if unsettled := math.ceil(warm_up_rows / few) - 1 if warm_up_rows else 0:
        reps = min(PILOT_REPS, MIN_REPS + 2 * unsettled)
    if many >= n:
        return Mode(Coverage.WHOLE, (n,))
    return Mode(Coverage.TWO_ROW_COUNTS, (few, max(many, MIN_RATIO * few)), reps)


def _power_of_two(x: float) -> int:
    """The nearest: kernels work in blocks, and rows that do not fill one would each seem to take longer."""
    return 1 << max(0, round(math.log2(max(1, x))))


STARTS = 2
"""Launches of a kernel with matrices of 1 x 1: what starting it takes."""

MIN_ROUNDS = 5
"""An interval of fewer launches than these is too often narrow by chance to end a kernel."""


def next_steps(
    history: list[Sample],
    config: Config,
    threads: int,
    hint_ns: float,
    half_width: Callable[[list[Sample]], float],
    granted: int = 0,
) -> tuple[Step, ...]:
    """The launches of a kernel's next round; none once it is done.

    `hint_ns` is a first guess of the time of a row; `half_width` gives the relative half width of the interval of
    what was measured so far. `granted` is the number of rounds that it may have whatever its budget says.
    """
    steps = _measuring_steps(history, config, threads, hint_ns, half_width, granted)
    if steps and len(launches_in(history, Purpose.START)) < STARTS:
        return (Step(1, 1, Purpose.START), *steps)
    return steps


def _measuring_steps(
    history: list[Sample],
    config: Config,
    threads: int,
    hint_ns: float,
    half_width: Callable[[list[Sample]], float],
    granted: int,
) -> tuple[Step, ...]:
    first = pilot(history, config.n, threads, hint_ns)
    if isinstance(first, Step):
        return (first,)
    mode = mode_of(first, config, threads, outside_ns(history), warm_up_rows(history))
    done = launches_in(history, Purpose.MEASURE)
    if mode.coverage == Coverage.BLOCKS:
        row0 = sum(samples[0].rows for samples in done.values())
        rows = min(mode.rows[0], config.n - row0)
        return (Step(rows, 1, Purpose.MEASURE, row0),) if rows else _audit(history, config, threads, 1)
    levels = _levels(mode, done, config.n)
    counts = {rows: sum(samples[0].rows == rows for samples in done.values()) for rows in levels}
    rounds = min(counts.values())
    if rounds and max(counts.values()) == rounds:
        if audit := _audit(history, config, threads, rounds):
            return audit
        if config.full and first * config.n > config.budget_s * 1e9:
            return ()  # whole, once, is what was asked for
        if rounds >= config.min_rounds and rounds >= granted:
            over = spent_ns(history) * (rounds + 1) / rounds > config.budget_s * 1e9
            settled = rounds >= min(MIN_ROUNDS, config.rounds) and half_width(history) <= config.target
            if over or settled:
                return ()
    reps = mode.reps if levels == mode.rows else MIN_REPS
    shuffled = list(levels)
    random.Random(f"{config.seed} {rounds} levels").shuffle(shuffled)
    return tuple(Step(rows, reps, Purpose.MEASURE) for rows in shuffled if counts[rows] == rounds)


FEW_ROWS = 32
"""A launch of so many times fewer rows has next to none to load and to write, beside B."""


def _audit(history: list[Sample], config: Config, threads: int, rounds: int) -> tuple[Step, ...]:
    """One call on rows of A from another one on: once for each kernel, and after another round while it is in doubt.

    As many rows as its other launches have, so that their first calls compare; the fewest of them, since a call of
    hours tells no more than one of a second. With all rows, also a few: what a launch takes beside computing is then
    known for both. Before it, where a kernel may use fewer threads than the run has processors, a launch like a
    measured one in which its threads are counted; before, so that a run that ends between them makes it again.
    """
    audits = audits_of(history)
    if audits and (audits >= min(rounds, MAX_AUDITS) or not plausibility_failures(history, config.n, threads)):
        return ()
    whole = [s[0] for s in launches_in(history, Purpose.MEASURE).values() if len(s) > 1 or s[0].rows < config.n]
    pilots = [s[0] for s in launches_in(history, Purpose.PILOT).values()]
    known = [s for s in whole if s.ns <= LONG_NS] or pilots
    usual = min(known, key=lambda s: s.rows)
    rows = usual.rows
    row0 = random.Random(f"{config.seed} {audits} audit").randrange(config.n)
    steps = [Step(rows, 1, Purpose.AUDIT, row0)]
    if rows == config.n and rows >= FEW_ROWS:
        steps.append(Step(rows // FEW_ROWS, 1, Purpose.AUDIT, row0))
    if threads < config.threads:
        # so many calls that most of the launch is later ones, which tell how many threads the kernel uses
        reps = max(MIN_REPS, usual.reps, min(PILOT_REPS, LONG_NS // usual.ns))
        steps.insert(0, Step(rows, reps, Purpose.THREADS))
    return tuple(steps)


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
        if (t_many - t_few) / (many - few) * many > MIN_SLOPE * t_many:
            break
        levels = (n,) if LEVEL_RATIO * many >= n else (many, LEVEL_RATIO * many)
    return levels


def shuffled(kernels: Iterable[Kernel], seed: int, round_number: int) -> list[Kernel]:
    """The kernels in the order of one round: shuffled, so that a drift of the machine falls on all alike."""
    shuffled = list(kernels)
    random.Random(f"{seed} {round_number}").shuffle(shuffled)
    return shuffled
