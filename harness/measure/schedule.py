"""Choose a kernel's launches of one round.

The choice is a pure function of the samples of earlier rounds, so a resumed run continues as the interrupted one would
have.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from harness.analysis.plausibility import MAX_AUDITS, audits_of, plausibility_failures
from harness.measure.mode import MIN_REPS, Mode
from harness.measure.pilot import LONG_CALL_NS
from harness.measure.plan import FIRST_ROUND
from harness.model.config import Config
from harness.model.kernel import Kernel
from harness.model.sample import Purpose, Sample, Step, launches_in

MIN_COUNTED_CALLS, MAX_COUNTED_CALLS = 4, 6
"""Calls of a launch in which threads are counted, unless a call takes longer than LONG_CALL_NS."""

COUNTED_NS = 0.5e9
"""Time of a launch in which threads are counted, in ns, above which it has no more than MIN_COUNTED_CALLS."""

AUDIT_ROW_RATIO = 32
"""Ratio of the rows of a whole product to those of the second audit: loading and writing so few rows of A and C takes
next to no time beside loading B."""


def steps_of_round(
    kernel: Kernel, history: Sequence[Sample], mode: Mode, rounds: Sequence[int], number: int, config: Config
) -> tuple[Step, ...]:
    """Return the launches of a kernel in round `number` that its samples do not hold yet.

    `rounds` are all rounds of the kernel. In the second of them (of several) it is audited, beside its ordinary launch;
    and again in later ones while a check fails.
    """
    earlier = [sample for sample in history if sample.round < number]
    steps = measuring_steps(kernel, earlier, mode, number, config)
    if number == FIRST_ROUND:
        steps.insert(0, Step(1, 1, Purpose.START))
    if number != rounds[0] or len(rounds) == 1:
        steps += audit(kernel, earlier, mode, config)
    done = {
        (launch[0].purpose, launch[0].rows, len(launch), launch[0].row0)
        for purpose in Purpose
        for launch in launches_in(history, purpose).values()
        if launch[0].round == number
    }
    return tuple(step for step in steps if (step.purpose, step.rows, step.reps, step.row0) not in done)


def measuring_steps(kernel: Kernel, earlier: Sequence[Sample], mode: Mode, number: int, config: Config) -> list[Step]:
    """Return the launches whose times count, in a random order."""
    if mode.blocks:
        row0 = sum(launch[0].rows for launch in launches_in(earlier, Purpose.MEASURE).values())
        rows = min(mode.rows[0], config.n - row0)
        return [Step(rows, 1, Purpose.MEASURE, row0)] if rows else []
    chance = random.Random(f"{config.seed} {kernel.id} {number}")
    if len(mode.rows) == 1 and mode.rows[0] < config.n:
        # any row is as good as another; the first ones would be in a cache after loading
        return [Step(mode.rows[0], mode.reps, Purpose.MEASURE, chance.randrange(config.n))]
    return [Step(rows, mode.reps, Purpose.MEASURE) for rows in chance.sample(mode.rows, len(mode.rows))]


def audit(kernel: Kernel, earlier: Sequence[Sample], mode: Mode, config: Config) -> list[Step]:
    """Return the launches of an audit beside those of a round; none if the kernel has passed one, or failed too many.

    An audit has as many rows as launches whose calls it can be compared with; of several row counts the smallest,
    because a call of minutes shows no more than one of a second. It makes one call where they make several, and two
    where they make one. A kernel that is measured whole has a second audit with few rows, so that the time outside the
    calls is known for both.

    One more launch has as many rows, whose values have 53 bits: a kernel could be right there in the checks only.

    Where a kernel may use fewer threads than the run has processors, a launch comes first in which its threads are
    counted. It makes several calls, so where an audit would, too, it is the audit.
    """
    threads, n = kernel.threads_of(config.threads), config.n
    audits = audits_of(earlier)
    if audits >= MAX_AUDITS or (audits and not plausibility_failures(earlier, n, threads)):
        return []
    rows, reps, call_ns = _comparable(earlier, mode, n)
    row0 = random.Random(f"{config.seed} {kernel.id} {audits} audit").randrange(n)
    counted = max(reps, _counted_calls(call_ns)) if threads < config.threads else 0
    full_mantissa = Step(rows, 1, Purpose.FULL_MANTISSA, row0)
    if counted and reps == 1:
        return [Step(rows, counted, Purpose.THREADS, row0), full_mantissa]
    steps = [Step(rows, counted, Purpose.THREADS)] if counted else []
    steps.append(Step(rows, 1 if reps > 1 else MIN_REPS, Purpose.AUDIT, row0))
    if rows == n >= AUDIT_ROW_RATIO:
        steps.append(Step(rows // AUDIT_ROW_RATIO, 1, Purpose.AUDIT, row0))
    return [*steps, full_mantissa]


def _counted_calls(call_ns: float) -> int:
    """Return the calls of a launch in which threads are counted: most of it must be later calls.

    In the first call, a JIT's threads may be at work beside the kernel's. With fewer than MIN_COUNTED_CALLS, noise can
    make the first call look like a JIT's, and the launch would not be judged.
    """
    if call_ns > LONG_CALL_NS:
        return MIN_REPS
    return max(MIN_COUNTED_CALLS, min(MAX_COUNTED_CALLS, int(COUNTED_NS / call_ns)))


def _comparable(earlier: Sequence[Sample], mode: Mode, n: int) -> tuple[int, int, float]:
    """Return the rows, the calls and the time of a call of the launches that an audit is compared with.

    These are the ordinary launches; or the longest short pilots, where an ordinary call takes long.
    """
    pilots = [launch[0] for launch in launches_in(earlier, Purpose.PILOT).values()]
    rows = min(mode.rows)
    call_ns = rows * min(pilot.ns / pilot.rows for pilot in pilots)
    some_of_the_rows = len(mode.rows) == 1 and rows < n and not mode.blocks
    if some_of_the_rows or (mode.reps > 1 and call_ns <= LONG_CALL_NS):
        return rows, mode.reps, call_ns
    short = [pilot for pilot in pilots if pilot.ns <= LONG_CALL_NS] or pilots
    model = max(short, key=lambda pilot: pilot.rows)
    return model.rows, model.reps, float(model.ns)
