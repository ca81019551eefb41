"""Choose a kernel's next launches from its samples so far.

The choice is a pure function of the samples, so a resumed run continues as the interrupted one would have.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

from harness.analysis.plausibility import MAX_AUDITS, audits_of, plausibility_failures
from harness.measure.mode import MIN_REPS, Coverage, mode_of, row_counts
from harness.measure.pilot import LONG_CALL_NS, PILOT_REPS, outside_ns, pilot, warm_up_rows
from harness.model.config import Config
from harness.model.kernel import Kernel
from harness.model.sample import Purpose, Sample, Step, launches_in, spent_ns

STARTS = 2
"""Start launches of each kernel: two, so that the faster one is not slow by accident."""

MIN_ROUNDS_FOR_TARGET = 5
"""Minimum rounds before a narrow interval ends a kernel: intervals of fewer launches are too often narrow by chance."""

AUDIT_ROW_RATIO = 32
"""Ratio of the rows of a whole product to those of the second audit: loading and writing so few rows of A and C takes
next to no time beside loading B."""


def shuffled(kernels: Iterable[Kernel], seed: int, round_number: int) -> list[Kernel]:
    """Return the kernels in the order of one round: shuffled, so that a drift of the machine affects all alike."""
    shuffled = list(kernels)
    random.Random(f"{seed} {round_number}").shuffle(shuffled)
    return shuffled


def next_steps(
    history: list[Sample],
    config: Config,
    threads: int,
    hint_ns: float,
    half_width: Callable[[list[Sample]], float],
    granted: int = 0,
) -> tuple[Step, ...]:
    """Return the launches of a kernel's next round; none once the kernel is done.

    `hint_ns` is a first guess of the time of a row. `half_width` returns the relative half width of the interval of
    samples. `granted` is the number of rounds that the kernel may have whatever its budget is.
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
    levels = row_counts(mode, done, config.n)
    counts = {rows: sum(samples[0].rows == rows for samples in done.values()) for rows in levels}
    rounds = min(counts.values())
    if rounds and max(counts.values()) == rounds:
        if audit := _audit(history, config, threads, rounds):
            return audit
        if config.full and first * config.n > config.budget_s * 1e9:
            return ()  # --full asks for a slow kernel to be measured whole, once
        if rounds >= config.min_rounds and rounds >= granted:
            over_budget = spent_ns(history) * (rounds + 1) / rounds > config.budget_s * 1e9
            minimum = min(MIN_ROUNDS_FOR_TARGET, config.rounds)
            if over_budget or (rounds >= minimum and half_width(history) <= config.target):
                return ()
    reps = mode.reps if levels == mode.rows else MIN_REPS
    order = list(levels)
    random.Random(f"{config.seed} {rounds} levels").shuffle(order)
    return tuple(Step(rows, reps, Purpose.MEASURE) for rows in order if counts[rows] == rounds)


def _audit(history: list[Sample], config: Config, threads: int, rounds: int) -> tuple[Step, ...]:
    """Return the launches of the next audit: one per kernel, and one after each further round while a check fails.

    An audit has as many rows as the kernel's other launches, so that their first calls can be compared; of several row
    counts the smallest, because a call of hours shows no more than one of a second. A kernel that is measured whole has
    a second audit with few rows, so that the time outside the calls is known for both.

    Where a kernel may use fewer threads than the run has processors, a launch comes first in which its threads are
    counted. If the run ends between the two, the audit is missing, and so both are made again.
    """
    audits = audits_of(history)
    if audits and (audits >= min(rounds, MAX_AUDITS) or not plausibility_failures(history, config.n, threads)):
        return ()
    comparable = [s[0] for s in launches_in(history, Purpose.MEASURE).values() if len(s) > 1 or s[0].rows < config.n]
    pilots = [s[0] for s in launches_in(history, Purpose.PILOT).values()]
    candidates = [s for s in comparable if s.ns <= LONG_CALL_NS] or pilots
    model = min(candidates, key=lambda s: s.rows)
    row0 = random.Random(f"{config.seed} {audits} audit").randrange(config.n)
    steps = [Step(model.rows, 1, Purpose.AUDIT, row0)]
    if model.rows == config.n and model.rows >= AUDIT_ROW_RATIO:
        steps.append(Step(model.rows // AUDIT_ROW_RATIO, 1, Purpose.AUDIT, row0))
    if threads < config.threads:
        # enough calls that most of the launch is later calls, in which the kernel's threads and not a JIT's are at work
        reps = max(MIN_REPS, model.reps, min(PILOT_REPS, LONG_CALL_NS // model.ns))
        steps.insert(0, Step(model.rows, reps, Purpose.THREADS))
    return tuple(steps)
