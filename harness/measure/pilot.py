"""Plan a kernel's pilot launches, and derive from them how long its rows take. Pure."""

from __future__ import annotations

from itertools import takewhile
from statistics import median

from harness.model.sample import Purpose, Sample, Step, launches_in

PILOT_NS = 100_000_000
"""Time that a pilot's call should take, in ns: much shorter calls predict the time of a whole product badly."""

PILOT_FRACTION = 0.75
"""Fraction of PILOT_NS from which a pilot's call is long enough: another pilot would hardly be longer."""

PILOT_REPS = 6
"""Calls of a pilot of short rows: enough to see whether a JIT compiler is still at work after the first."""

MIN_PILOT_REPS = 2
"""Calls of a pilot whose rows seem to take longer than PILOT_NS. Not one: they may seem so because a JIT compiler was
at work in the checks."""

WARMING_RATIO = 0.75
"""Ratio of a pilot's last call to its second below which a JIT compiler is still at work, so that the next pilot gets
more rows. A JIT's first rows can take twenty times as long as later ones; an estimate from them would be worthless."""

SETTLED_RATIO = 1.1
"""Ratio of a call to the pilot's last calls below which the call counts as settled."""

LONG_CALL_NS = 2_000_000_000
"""Time of a call or pilot, in ns, above which the number of rows is not raised further: it would cost too much."""

SCALAR_STEP_NS = 0.4
"""Time of a multiply-add in the checks, in ns, above which a kernel is taken to compute without vectors."""

CACHE_MISS_FACTORS = (4, 16)
"""Maximum ratio of the time of a multiply-add at large n to that in the checks, whose matrices fit the caches: for
kernels with vectors, and for kernels without. The first pilot has as many times fewer rows, so that it is not long."""


def pilot(history: list[Sample], n: int, threads: int, hint_ns: float) -> Step | float:
    """Return the next pilot launch; or the time of one row in ns, once the last pilot was long enough.

    `hint_ns` is a first guess of the time of a row, from the checks. It decides how many rows the first pilot has.
    """
    pilots = launches_in(history, Purpose.PILOT)
    if not pilots:
        factor = CACHE_MISS_FACTORS[hint_ns > SCALAR_STEP_NS * n * n]
        rows = max(1, round(PILOT_NS / factor / hint_ns / threads)) * threads
        return Step(min(rows, n), _pilot_reps(hint_ns), Purpose.PILOT)
    *before, calls = sorted(pilots.values(), key=lambda samples: samples[0].rows)
    second, last = calls[min(1, len(calls) - 1)], calls[-1]
    if last.rows < n:
        if last.ns < PILOT_FRACTION * PILOT_NS:
            rows = min(n, last.rows * _growth(last, before[-1][-1] if before else None))
            return Step(rows, _pilot_reps(last.ns / last.rows), Purpose.PILOT)
        growth = min(4, LONG_CALL_NS // (PILOT_REPS * last.ns))
        if last.ns < WARMING_RATIO * second.ns and growth > 1:
            return Step(min(n, growth * last.rows), PILOT_REPS, Purpose.PILOT)
    return _row_ns(last, before[-1][-1] if before else None, n)


def _row_ns(last: Sample, before: Sample | None, n: int) -> float:
    """Return the time of a whole product divided by n, in ns, by the slope between two pilots.

    The slope leaves out the cost that a call pays once for all rows, such as packing B.
    """
    row_ns = last.ns / last.rows
    if before is None:
        return row_ns
    slope_ns = (last.ns - before.ns) / (last.rows - before.rows)
    slope_ns = min(max(slope_ns, row_ns / 4), row_ns)  # noise of short calls could make it zero or negative
    return (last.ns + (n - last.rows) * slope_ns) / n


def _growth(last: Sample, before: Sample | None) -> int:
    """Return the factor by which the next pilot has more rows than one that was too short."""
    fixed_ns = 0.0
    if before:
        fixed_ns = max(0.0, last.ns - last.rows * (last.ns - before.ns) / (last.rows - before.rows))
    # at most 64, because a first row tells little; and less where the launch could otherwise exceed LONG_CALL_NS
    maximum = min(64, LONG_CALL_NS // (PILOT_REPS * last.ns))
    return max(2, min(maximum, round((PILOT_NS - fixed_ns) / max(1.0, last.ns - fixed_ns))))


def _pilot_reps(row_ns: float) -> int:
    return PILOT_REPS if row_ns < PILOT_NS else MIN_PILOT_REPS


def outside_ns(history: list[Sample]) -> float:
    """Return the minimum time that a pilot launch took outside its calls, in ns."""
    pilots = launches_in(history, Purpose.PILOT).values()
    return min((pilot[0].launch_wall_ns - sum(call.ns for call in pilot) for pilot in pilots), default=0.0)


def warm_up_rows(history: list[Sample]) -> int:
    """Return the number of rows that the first pilot computed before its calls settled."""
    calls = min(launches_in(history, Purpose.PILOT).values(), key=lambda samples: samples[0].rows)
    settled_ns = SETTLED_RATIO * median(call.ns for call in calls[len(calls) // 2 :])
    return sum(call.rows for call in takewhile(lambda call: call.ns > settled_ns, calls))


def predicted_ns(step: Step, history: list[Sample]) -> float | None:
    """Return about how long the calls of a launch will take, in ns, by the longest pilot; None before the first."""
    pilots = [sample for sample in history if sample.purpose == Purpose.PILOT]
    if not pilots:
        return None
    last = max(pilots, key=lambda sample: (sample.rows, sample.rep))
    return last.ns / last.rows * step.rows * step.reps
