"""Plan pilot launches, which tell how long one row takes before anything is measured. Pure."""

from __future__ import annotations

from itertools import takewhile
from statistics import median

from harness.model.sample import Purpose, Sample, Step, launches_in

PILOT_NS = 100_000_000
"""A pilot's call that is much shorter than this says little about a whole product."""

PILOT_REPS = 6

MIN_PILOT_REPS = 2
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


def pilot(history: list[Sample], n: int, threads: int, hint_ns: float) -> Step | float:
    """The next pilot launch, or ns for one row once the last pilot was long enough.

    `hint_ns` is a first guess of the time of a row, from the checks; it decides how many rows the first pilot has.
    """
    pilots = launches_in(history, Purpose.PILOT)
    if not pilots:
        careful = CACHE_MISSES[hint_ns > SCALAR_STEP_NS * n * n]
        rows = max(1, round(PILOT_NS / careful / hint_ns / threads)) * threads
        return Step(min(rows, n), _pilot_reps(hint_ns), Purpose.PILOT)
    *before, calls = sorted(pilots.values(), key=lambda samples: samples[0].rows)
    second, last = calls[min(1, len(calls) - 1)], calls[-1]
    if last.rows < n:
        if last.ns < STEADY * PILOT_NS:
            rows = min(n, last.rows * _growth(last, before[-1][-1] if before else None))
            return Step(rows, _pilot_reps(last.ns / last.rows), Purpose.PILOT)
        growth = min(4, LONG_NS // (PILOT_REPS * last.ns))
        if last.ns < STEADY * second.ns and growth > 1:
            return Step(min(n, growth * last.rows), PILOT_REPS, Purpose.PILOT)
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
    return PILOT_REPS if row_ns < PILOT_NS else MIN_PILOT_REPS


def outside_ns(history: list[Sample]) -> float:
    """What the pilots' launches took beside their calls, at the least."""
    pilots = launches_in(history, Purpose.PILOT).values()
    return min((pilot[0].launch_wall_ns - sum(call.ns for call in pilot) for pilot in pilots), default=0.0)


def warm_up_rows(history: list[Sample]) -> int:
    """How many rows the first pilot had computed when its calls began to take as long as its last ones."""
    calls = min(launches_in(history, Purpose.PILOT).values(), key=lambda samples: samples[0].rows)
    settled_ns = SETTLED * median(call.ns for call in calls[len(calls) // 2 :])
    return sum(call.rows for call in takewhile(lambda call: call.ns > settled_ns, calls))


def predicted_ns(step: Step, history: list[Sample]) -> float | None:
    """About how long a launch will compute, by the pilot."""
    pilots = [sample for sample in history if sample.purpose == Purpose.PILOT]
    if not pilots:
        return None
    last = max(pilots, key=lambda sample: (sample.rows, sample.rep))
    return last.ns / last.rows * step.rows * step.reps
