"""Plan a kernel's pilot launches, and derive from them how long its rows take. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import takewhile
from statistics import median

from harness.model.kernel import SERIAL_RUNGS, Kernel
from harness.model.sample import Purpose, Sample, Step, launches_in

PILOT_NS = 100_000_000
"""Time that a pilot's call should take, in ns: much shorter calls predict the time of a whole product badly."""

PILOT_FRACTION = 0.75
"""Fraction of PILOT_NS from which a pilot's call is long enough: another pilot would hardly be longer."""

SETTLED_PILOT_FRACTION = 0.2
"""The same where no JIT compiler is at work: a pilot only decides how many rows a launch has."""

JIT_ROWS = 32
"""Rows within which a JIT compiler, if there is one, makes a call faster than the first."""

PILOT_REPS = 6
"""Calls of a pilot of short rows: enough to see whether a JIT compiler is still at work after the first."""

MIN_PILOT_REPS = 2
"""Calls of a pilot whose rows seem to take longer than PILOT_NS, or of a kernel whose calls had settled from the first
on. Not one: rows may seem long because a JIT compiler was at work in the checks."""

LONG_ROW_NS = 1e9
"""Time of a row, in ns, from which on a pilot is one call: no JIT, only an interpreter seems as slow as this."""

WARMING_RATIO = 0.75
"""Ratio of a pilot's last call to its second below which a JIT compiler is still at work, so that the next pilot gets
more rows. A JIT's first rows can take twenty times as long as later ones; an estimate from them would be worthless."""

MIN_JIT_RATIO = 2
"""Least ratio of the time of a row before a JIT compiler is at work to that of a later one."""

SETTLED_RATIO = 1.1
"""Ratio of a call to the pilot's last calls below which the call counts as settled."""

MIN_ROWS_FRACTION = 0.5
"""Fraction of a call's time that must come from its rows, and not from the call itself, to tell how long they take."""

MAX_COST_GROWTH = 64
"""Maximum factor by which a pilot has more rows, and a call's time is longer than that of its rows."""

MAX_FIRST_GROWTH = 4
"""The same of the second pilot of a kernel whose first one was long enough: with both, the cost of a call is known."""

LONG_CALL_NS = 2_000_000_000
"""Time of a call or pilot, in ns, above which the number of rows is not raised further: it would cost too much."""

SCALAR_STEP_NS = 0.4
"""Time of a multiply-add in the checks, in ns, above which a kernel is taken to compute without vectors."""

CACHE_MISS_FACTORS = (4, 16)
"""Maximum ratio of the time of a multiply-add at large n to that in the checks, whose matrices fit the caches: for
kernels with vectors, and for kernels without. The first pilot has as many times fewer rows, so that it is not long."""


@dataclass(frozen=True)
class Pace:
    """How long a kernel takes, by its pilots, in ns.

    `row_ns` is the time of a whole product divided by n, `fixed_ns` the cost that a call has once for all rows,
    `outside_ns` the least time of a launch outside its calls. `warm_up_rows` is the number of rows after which the
    calls of a JIT had settled, `warm_up_ns` how much longer its first call took than later ones.
    """

    row_ns: float
    fixed_ns: float = 0.0
    outside_ns: float = 0.0
    warm_up_rows: int = 0
    warm_up_ns: float = 0.0


def has_costly_calls(kernel: Kernel) -> bool:
    """Return whether a kernel's calls may have a cost of their own: starting threads, copying B or blocks of it."""
    return kernel.rung not in SERIAL_RUNGS or kernel.on_gpu


def pilot(history: list[Sample], n: int, threads: int, hint_ns: float, costly_calls: bool) -> Step | Pace:
    """Return the next pilot launch; or the kernel's pace, once the last pilot was long enough.

    `hint_ns` is a first guess of the time of a row, from the checks. It decides how many rows the first pilot has.
    `costly_calls` says that a call has a cost of its own, such as packing B: then pilots go on until their time is
    mostly that of their rows.
    """
    pilots = launches_in(history, Purpose.PILOT)
    if not pilots:
        factor = CACHE_MISS_FACTORS[hint_ns > SCALAR_STEP_NS * n * n]
        rows = max(1, round(PILOT_NS / factor / hint_ns / threads)) * threads
        return Step(min(rows, n), _pilot_reps(hint_ns), Purpose.PILOT)
    *before, calls = sorted(pilots.values(), key=lambda samples: samples[0].rows)
    second, last = calls[min(1, len(calls) - 1)], calls[-1]
    if last.rows < n:
        settled = _is_settled(calls)
        if last.ns < (SETTLED_PILOT_FRACTION if settled else PILOT_FRACTION) * PILOT_NS:
            rows = min(n, last.rows * _growth(last, before[-1][-1] if before else None))
            return Step(rows, MIN_PILOT_REPS if settled else _pilot_reps(last.ns / last.rows), Purpose.PILOT)
        growth = min(4, LONG_CALL_NS // (PILOT_REPS * last.ns))
        if last.ns < WARMING_RATIO * second.ns and growth > 1:
            return Step(min(n, growth * last.rows), PILOT_REPS, Purpose.PILOT)
        if costly_calls:
            growth = _growth_beyond_cost(last, before[-1][-1] if before else None, hint_ns)
            if growth > 1:
                return Step(min(n, growth * last.rows), MIN_PILOT_REPS, Purpose.PILOT)
    return _pace(history, last, before[-1][-1] if before else None, n)


def _pace(history: list[Sample], last: Sample, before: Sample | None, n: int) -> Pace:
    slope_ns = _slope_ns(last, before)
    return Pace(
        (last.ns + (n - last.rows) * slope_ns) / n,
        last.ns - last.rows * slope_ns,
        _outside_ns(history),
        _warm_up_rows(history),
        _warm_up_ns(history),
    )


def _slope_ns(last: Sample, before: Sample | None) -> float:
    """Return the time of a row, in ns, without the cost of a call; noise must not make it zero or negative."""
    row_ns = last.ns / last.rows
    if before is None:
        return row_ns
    return min(max((last.ns - before.ns) / (last.rows - before.rows), row_ns / MAX_COST_GROWTH), row_ns)


def _growth_beyond_cost(last: Sample, before: Sample | None, hint_ns: float) -> int:
    """Return the factor for a pilot whose time is mostly that of its rows; 1 if that of the last one is.

    A call that takes far longer than its rows did in the checks packs all of B: it will take little longer for many
    more rows, so that these are tried even if it is long.
    """
    hinted_ns = last.rows * hint_ns
    if last.ns >= LONG_CALL_NS and last.ns < MAX_COST_GROWTH * hinted_ns:
        return 1
    # the hint alone may be too low by cache misses; the slope that a second pilot gives is not
    wanted = min(last.ns / hinted_ns, MAX_FIRST_GROWTH)
    if before is not None:
        rows_ns = last.rows * _slope_ns(last, before)
        if rows_ns >= MIN_ROWS_FRACTION * last.ns:
            return 1
        wanted = max(wanted, 2 * (last.ns - rows_ns) / rows_ns)
    return max(2, min(MAX_COST_GROWTH, round(wanted)))


def _growth(last: Sample, before: Sample | None) -> int:
    """Return the factor by which the next pilot has more rows than one that was too short."""
    fixed_ns = 0.0
    if before:
        fixed_ns = max(0.0, last.ns - last.rows * (last.ns - before.ns) / (last.rows - before.rows))
    # at most 64, because a first row tells little; and less where the launch could otherwise exceed LONG_CALL_NS
    maximum = min(64, LONG_CALL_NS // (PILOT_REPS * last.ns))
    return max(2, min(maximum, round((PILOT_NS - fixed_ns) / max(1.0, last.ns - fixed_ns))))


def _pilot_reps(row_ns: float) -> int:
    if row_ns >= LONG_ROW_NS:
        return 1
    return PILOT_REPS if row_ns < PILOT_NS else MIN_PILOT_REPS


def _is_settled(calls: list[Sample]) -> bool:
    """Return whether a pilot shows that its kernel has no JIT compiler at work: its first call took no longer."""
    last = calls[-1]
    return len(calls) == PILOT_REPS and len(calls) * last.rows >= JIT_ROWS and calls[0].ns <= SETTLED_RATIO * last.ns


def _outside_ns(history: list[Sample]) -> float:
    """Return the minimum time that a pilot launch took outside its calls, in ns."""
    pilots = launches_in(history, Purpose.PILOT).values()
    return min((pilot[0].launch_wall_ns - sum(call.ns for call in pilot) for pilot in pilots), default=0.0)


def _warm_up_rows(history: list[Sample]) -> int:
    """Return the number of rows that the first pilot computed before its calls settled.

    Of a call that took little longer than later ones, only as many rows can have been slow as explain its time: a
    disturbed call of many rows would otherwise let all launches have as many.
    """
    calls = min(launches_in(history, Purpose.PILOT).values(), key=lambda samples: samples[0].rows)
    call_ns = median(call.ns for call in calls[len(calls) // 2 :])
    unsettled = takewhile(lambda call: call.ns > SETTLED_RATIO * call_ns, calls)
    return sum(
        min(call.rows, math.ceil(call.rows * (call.ns / call_ns - 1) / (MIN_JIT_RATIO - 1))) for call in unsettled
    )


def _warm_up_ns(history: list[Sample]) -> float:
    """Return how much longer the first call of a pilot took than its later ones: the most, of pilots of many calls.

    Two calls do not tell a warm-up from noise.
    """
    pilots = [launch for launch in launches_in(history, Purpose.PILOT).values() if len(launch) == PILOT_REPS]
    extra_ns = [launch[0].ns - median(call.ns for call in launch[1:]) for launch in pilots]
    return max([0.0, *extra_ns])


def predicted_ns(step: Step, history: list[Sample]) -> float | None:
    """Return about how long the calls of a launch will take, in ns, by the longest pilot; None before the first."""
    pilots = [sample for sample in history if sample.purpose == Purpose.PILOT]
    if not pilots:
        return None
    last = max(pilots, key=lambda sample: (sample.rows, sample.rep))
    return last.ns / last.rows * step.rows * step.reps
