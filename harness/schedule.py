"""What to launch next: a pure function of what was measured so far.

So a resumed run goes on as the first would have.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import takewhile
from statistics import median

from harness.claims import MOST_AUDITS, audits_of, doubts
from harness.model import Config, Kernel, Sample, Step

PILOT_NS = 100_000_000
"""A pilot's call that is much shorter than this says little about a whole product."""

PILOT_REPS = 6
LEAST_PILOT_REPS = 2
"""Where a row seems to be long; but it may be so only while a JIT warms up, as it was in the checks."""

STEADY = 0.75
"""While a pilot's last call is below this share of its second, a JIT still warms up, and the next pilot gets more rows:
a JIT's first rows can take twenty times as long as its later ones, and would make an estimate of nothing."""

SETTLED = 1.1
"""A call of a pilot that takes this many times as long as its last ones is one in which a JIT still warms up."""

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

ESTIMATE_ROUNDS = 5
"""An estimate is of few rounds of many rows, and not of many rounds of few: rows are what it lacks."""

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
        return Mode("blocks", (min(n, block),))
    if config.full or LEAST_REPS * whole_ns * config.min_rounds <= WHOLE_IF * budget_ns:
        reps = round(max(budget_ns / config.rounds, outside_ns) / whole_ns)
        return Mode("whole", (n,), max(1 if whole_ns > budget_ns else LEAST_REPS, min(MAX_REPS, reps)))
    each = budget_ns / min(ESTIMATE_ROUNDS, config.rounds) / row_ns / (1 + 1 / LEVEL_RATIO)
    # so few rows are each so long that whatever a first call costs is nothing beside them
    reps = LEAST_REPS if each > LEAST_REPS * LEAST_RATIO * threads else 1
    many = threads * _power_of_two(each / reps / threads)
    few = max(threads, many // LEVEL_RATIO)
    if unsettled := math.ceil(warm_up_rows / few) - 1 if warm_up_rows else 0:
        reps = min(PILOT_REPS, LEAST_REPS + 2 * unsettled)
    return Mode("whole", (n,)) if many >= n else Mode("rows", (few, max(many, LEAST_RATIO * few)), reps)


def _outside_ns(history: list[Sample]) -> float:
    """What the pilots' launches took beside their calls, at the least."""
    pilots = launches_in(history, "pilot").values()
    return min((pilot[0].launch_wall_ns - sum(call.ns for call in pilot) for pilot in pilots), default=0.0)


def _warm_up_rows(history: list[Sample]) -> int:
    """How many rows the first pilot had computed when its calls began to take as long as its last ones."""
    calls = min(launches_in(history, "pilot").values(), key=lambda samples: samples[0].rows)
    settled_ns = SETTLED * median(call.ns for call in calls[len(calls) // 2 :])
    return sum(call.rows for call in takewhile(lambda call: call.ns > settled_ns, calls))


def _power_of_two(x: float) -> int:
    """The nearest: kernels work in blocks, and rows that do not fill one would each seem to take longer."""
    return 2 ** max(0, round(math.log2(max(1, x))))


STARTS = 2
"""Launches of a kernel with matrices of 1 x 1: what starting it takes."""

LEAST_ROUNDS = 5
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
    if steps and len(launches_in(history, "start")) < STARTS:
        return (Step(1, 1, "start"), *steps)
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
    mode = mode_of(first, config, threads, _outside_ns(history), _warm_up_rows(history))
    done = launches_in(history, "measure")
    if mode.kind == "blocks":
        row0 = sum(samples[0].rows for samples in done.values())
        rows = min(mode.rows[0], config.n - row0)
        return (Step(rows, 1, "measure", row0),) if rows else _audit(history, config, threads, 1)
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
            settled = rounds >= min(LEAST_ROUNDS, config.rounds) and half_width(history) <= config.target
            if over or settled:
                return ()
    reps = mode.reps if levels == mode.rows else LEAST_REPS
    shuffled = list(levels)
    random.Random(f"{config.seed} {rounds} levels").shuffle(shuffled)
    return tuple(Step(rows, reps, "measure") for rows in shuffled if counts[rows] == rounds)


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
    if audits and (audits >= min(rounds, MOST_AUDITS) or not doubts(history, config.n, threads)):
        return ()
    whole = [s[0] for s in launches_in(history, "measure").values() if len(s) > 1 or s[0].rows < config.n]
    pilots = [s[0] for s in launches_in(history, "pilot").values()]
    known = [s for s in whole if s.ns <= LONG_NS] or pilots
    usual = min(known, key=lambda s: s.rows)
    rows = usual.rows
    row0 = random.Random(f"{config.seed} {audits} audit").randrange(config.n)
    steps = [Step(rows, 1, "audit", row0)]
    if rows == config.n and rows >= FEW_ROWS:
        steps.append(Step(rows // FEW_ROWS, 1, "audit", row0))
    if threads < config.threads:
        # so many calls that most of the launch is later ones, which tell how many threads the kernel uses
        reps = max(LEAST_REPS, usual.reps, min(PILOT_REPS, LONG_NS // usual.ns))
        steps.insert(0, Step(rows, reps, "threads"))
    return tuple(steps)


def spent_ns(history: list[Sample]) -> int:
    """What a kernel's measuring launches took, from their start to their end."""
    return sum(samples[0].launch_wall_ns for samples in launches_in(history, "measure").values())


@dataclass(frozen=True)
class Standing:
    """Where a kernel stands once its own rounds are done: what they took, how sure it is, and of what order.

    `half_width` is relative; `rivals` are the kernels of its class that it can neither be told from nor called equal.
    """

    kernel: str
    rounds: int
    spent_ns: int
    half_width: float
    rivals: tuple[str, ...] = ()

    @property
    def round_ns(self) -> float:
        """What another round will take."""
        return self.spent_ns / self.rounds if self.rounds else math.inf


MOST_BUDGETS = 5
"""No kernel takes more than so many budgets, however wide its interval is."""


def grant(standings: list[Standing], config: Config) -> dict[str, int]:
    """Who gets one more round from the time that others left, by kernel: how many rounds it may then have.

    What early kernels did not need goes first to the baseline, whose interval is in every speed-up, while it is too
    slow to have had LEAST_ROUNDS; then to those whose order is undecided, and to the widest intervals. All of a grant
    are launched in one round, so that rivals take turns. Nothing is left over from --full.
    """
    budget_ns = config.budget_s * 1e9
    saved = sum(max(0.0, budget_ns - one.spent_ns) for one in standings)
    # what a kernel took beyond its budget or, if it is slow, its least number of rounds was granted before
    own_ns = {
        one.kernel: max(budget_ns, min(one.rounds, config.min_rounds) * one.round_ns) for one in standings if one.rounds
    }
    left = saved - sum(max(0.0, one.spent_ns - own_ns[one.kernel]) for one in standings if one.rounds)
    by_name = {one.kernel: one for one in standings}
    wanting = [one for one in standings if one.rounds and (one.half_width > config.target or one.rivals)]
    chosen: dict[str, int] = {}

    def first(one: Standing) -> bool:
        return one.kernel == config.baseline and one.rounds < min(LEAST_ROUNDS, config.rounds)

    def enough(one: Standing) -> bool:
        return not first(one) and one.spent_ns + one.round_ns > MOST_BUDGETS * budget_ns

    for one in sorted(wanting, key=lambda one: (not first(one), not one.rivals, -one.half_width)):
        group = [by_name[name] for name in (one.kernel, *one.rivals) if name in by_name and name not in chosen]
        cost = sum(member.round_ns for member in group)
        if cost > left or any(enough(member) for member in group):
            continue
        left -= cost
        chosen |= {member.kernel: member.rounds + 1 for member in group}
    return {} if config.full else chosen


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
