"""What a kernel says of itself, held against what its launches took. Pure.

Four claims can be checked without trusting anything that a kernel prints: that its clock covers its computing, that
every repetition was computed, that it used no more threads than it was given, and that it computed this product and
not one that it had seen before. All but the threads by differences between launches, since what a launch costs once
(start, loading, writing) is nobody's claim.

Threads are counted in a launch of their own, by the launcher: those that are at work or wait for a processor, in the
second half of the launch. That number is the same whatever else the machine does. Times are not: where others use the
processors, two threads of a kernel together get one processor's time, and a launch on one processor takes no longer.
Nor is the launch held to as many processors as the kernel has threads: a runtime that starts a thread a processor would
start one there, and look honest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from harness.model.sample import Purpose, Sample

SHARE = 0.25

MIN_NS = 20e6
"""A difference is held against a kernel above this share of its time, and above this time: smaller ones are noise."""

LOADING = 3
"""All rows of A and C take at most as long to load and write as all of B and some rows of A and C take, thrice."""

SCATTER = 6
"""It must also be so many times what launches of one kind usually differ by (their median absolute deviation): loading
Numba takes from 0.5 to 0.8 s, and that says nothing of its clock."""

SLOWED = 2
"""Starting and loading take at most so many times as long for one launch as for another, even on a busy machine."""

KEPT_RATIO = 10
"""More rows cost a first call at most so many times what they cost a later one, even where a JIT still compiles."""

GROWN = 1.4
"""Two calls that are not all timed take twice the processor time of one, or a little less beside the noise."""

GROWN_OUTSIDE = 1.15
"""They also take more outside their calls than one: that is a time, which other work on the machine makes uncertain."""

EXTRA_THREADS = 0.5

MIN_LOOKS = 8
"""So many looks at the threads of a launch at the least, in its second half."""

SETTLED_SHARE = 0.3
"""Of the launch, so much must be later calls: they are then most of its second half, so that a JIT's threads, at work
beside a first call, do not pass for the kernel's."""
SEEN_RATIO = 1.5

MAX_AUDITS = 3


@dataclass(frozen=True)
class FailedCheck:
    """A claim that does not hold: the name of the check, and what was seen."""

    check: str
    seen: str


@dataclass(frozen=True)
class _Launch:
    """A launch as the claims see it, in ns."""

    purpose: Purpose
    rows: int
    calls: int
    computing: float
    first: float
    call: float
    wall: float
    cpu: float
    at_work: int
    looks: int

    @property
    def outside(self) -> float:
        return self.wall - self.computing


def audits_of(samples: Iterable[Sample]) -> int:
    """How many audits there were; one may be of two launches, of many rows and of few."""
    rows = [sample.rows for sample in samples if sample.purpose == Purpose.AUDIT]  # one call each
    return max(map(rows.count, rows), default=0)


def plausibility_failures(samples: Iterable[Sample], n: int, threads: int) -> tuple[FailedCheck, ...]:
    """The claims of a kernel that its samples speak against; none as long as there is too little to say so."""
    samples = list(samples)
    every = _launches(samples)
    # those whose threads are counted are looked at while they run: nothing else is held against them
    launches = [launch for launch in every if launch.purpose != Purpose.THREADS]
    measured = [launch for launch in launches if launch.purpose == Purpose.MEASURE]
    if not measured:
        return ()
    most = max(launch.rows for launch in measured)
    long = [launch for launch in measured if launch.rows == most]
    audits = [launch for launch in launches if launch.purpose == Purpose.AUDIT]
    # first, since no noise makes more threads: the times that they change would give the lie another name
    found = _at_work([launch for launch in every if launch.purpose == Purpose.THREADS], threads)
    found += _seen_before(launches)
    found += _repetitions(
        long, [sample.launch_wall_ns - sample.ns for sample in samples if sample.purpose == Purpose.START]
    )
    fewer_calls = [launch for launch in audits if launch.rows == most]
    clock = _clock(long, fewer_calls, (long[0].calls - 1) * _median(long, "call"), SLOWED) if fewer_calls else []
    found += clock
    if most == n and not clock:
        found += _hidden(long, fewer_calls, [launch for launch in launches if 2 * launch.rows < n])
    if fewer_calls:
        found += _threads(long, fewer_calls, threads)
    elif fewer_rows := [launch for launch in measured if launch.rows < most]:
        claimed = _median(long, "computing") - _median(fewer_rows, "computing")
        loading = SLOWED + (LOADING - SLOWED) * (most - fewer_rows[0].rows) / n
        found += _clock(long, fewer_rows, claimed, loading) + _threads(long, fewer_rows, threads)
    found += _kept(long, [launch for launch in launches if 2 * launch.rows <= most and launch.purpose != Purpose.PILOT])
    first_of_each: dict[str, FailedCheck] = {}
    for failure in found:
        first_of_each.setdefault(failure.check, failure)
    return tuple(first_of_each.values())


def _clock(long: list[_Launch], short: list[_Launch], claimed: float, loading: float) -> list[FailedCheck]:
    """Whether what launches take outside their calls grows with the computing: that of the calls is then not all timed.

    Taken launch by launch, so that a machine that is slower for one than for the other does not look like a lie.
    Loading more rows may take so much more: at most `loading` times what a short launch takes outside.
    """
    hidden = _median(long, "outside") - loading * max(launch.outside for launch in short)
    if claimed > 0 and hidden > max(MIN_NS, SCATTER * _scatter(long), SHARE * claimed):
        return [FailedCheck("clock", f"says {_ms(claimed)} of computing where its launches took {_ms(hidden)} more")]
    return []


def _repetitions(long: list[_Launch], starts: list[float]) -> list[FailedCheck]:
    """Whether launches leave less time outside their calls than starting alone takes: some calls were not made."""
    missing = min(starts, default=0.0) / 2 - _median(long, "outside")
    if missing > MIN_NS:
        seen = f"its calls leave {_ms(_median(long, 'outside'))} of a launch, less than half of what starting takes"
        return [FailedCheck("skipped-repetitions", seen)]
    return []


def _at_work(counted: list[_Launch], threads: int) -> list[FailedCheck]:
    """Whether more threads than allowed were at work in each of the launches in which they were counted."""
    told = [
        launch.at_work
        for launch in counted
        if launch.looks >= MIN_LOOKS and launch.computing - launch.first > SETTLED_SHARE * launch.wall
    ]
    if min(told, default=0) > threads:
        return [FailedCheck("threads", f"has {min(told)} threads at work where {threads} were allowed")]
    return []


def _threads(long: list[_Launch], short: list[_Launch], threads: int) -> list[FailedCheck]:
    wall, cpu = (_median(long, what) - _median(short, what) for what in ("wall", "cpu"))
    most = threads + EXTRA_THREADS
    # by what further calls take, since starting a JIT takes more threads; and by whole launches, since differences of
    # short ones are mostly noise
    if wall > MIN_NS and cpu > wall * most and all(launch.cpu > launch.wall * most for launch in long):
        return [
            FailedCheck("threads", f"computes with {cpu / wall:.1f} processors at work where {threads} were allowed")
        ]
    return []


def _hidden(long: list[_Launch], fewer_calls: list[_Launch], few: list[_Launch]) -> list[FailedCheck]:
    """Whether launches of all rows take more beside computing than loading the rows that others did not have.

    What grows with the calls is the clock's; what does not was computed before it started. Told apart by
    processor time, since on a busy machine an audit that was held up would give a slow clock the other name; and a
    little by time outside the calls, since calls that are honestly timed take processor time too.
    """
    if not few:
        return []
    loading = LOADING * min(launch.outside for launch in few)
    hidden = _median(long, "outside") - loading
    noise = max(2 * MIN_NS, SCATTER * _scatter(long), SHARE * _median(long, "call"))
    if hidden <= noise:
        return []
    seen = f"takes {_ms(hidden)} outside its clock that loading does not explain"
    check = "untimed-work"
    if fewer_calls and long[0].calls > 1:
        starting = min(launch.cpu for launch in few)
        cpu_grown = _median(long, "cpu") - starting > GROWN * (_median(fewer_calls, "cpu") - starting)
        if cpu_grown and hidden > GROWN_OUTSIDE * (_median(fewer_calls, "outside") - loading):
            check = "clock"
    return [FailedCheck(check, f"{seen}, for calls of {_ms(_median(long, 'call'))}")]


def _kept(long: list[_Launch], few: list[_Launch]) -> list[FailedCheck]:
    """Whether more rows cost a launch's first call much, and its later calls next to nothing."""
    if not few or long[0].calls < 2:
        return []
    rows = max(launch.rows for launch in few)
    first = _median(long, "first") - max(launch.first for launch in few)
    later = _median(long, "call") * (1 - rows / long[0].rows)
    if first > KEPT_RATIO * later and first - later > 2 * MIN_NS:
        seen = f"takes {_ms(first)} more for more rows in its first call and {_ms(later)} in later ones"
        return [FailedCheck("skipped-repetitions", f"{seen}: they do not compute")]
    return []


def _seen_before(launches: list[_Launch]) -> list[FailedCheck]:
    """Whether a call on rows that no other launch had takes longer than a first call on the usual ones."""
    audits = [launch for launch in launches if launch.purpose == Purpose.AUDIT]
    rows = max((launch.rows for launch in audits), default=0)
    known = [launch.first for launch in launches if launch.purpose != Purpose.AUDIT and launch.rows == rows]
    if not known:
        return []
    new, usual = min(launch.first for launch in audits if launch.rows == rows), median(known)
    if new > SEEN_RATIO * usual and new - usual > MIN_NS:
        return [
            FailedCheck(
                "memoised-result", f"takes {_ms(new)} for rows that it had not seen, {_ms(usual)} for the usual ones"
            )
        ]
    return []


def _launches(samples: Iterable[Sample]) -> list[_Launch]:
    calls: dict[int, list[Sample]] = {}
    for sample in samples:
        if sample.purpose != Purpose.START:
            calls.setdefault(sample.launch, []).append(sample)
    return [
        _Launch(
            launch[0].purpose,
            launch[0].rows,
            len(launch),
            sum(sample.ns for sample in launch),
            launch[0].ns,
            median(sample.ns for sample in launch[1:] or launch),
            launch[0].launch_wall_ns,
            launch[0].launch_cpu_ns,
            launch[0].at_work,
            launch[0].looks,
        )
        for launch in calls.values()
    ]


def _median(launches: list[_Launch], what: str) -> float:
    values: list[float] = [getattr(launch, what) for launch in launches]
    return median(values)


def _scatter(launches: list[_Launch]) -> float:
    """By how much launches differ in what they take outside their calls: in ns, or as a share of what they say.

    By the lesser: where a slow clock hides half, a launch on a busy machine hides more and says more in step, and that
    difference must not pass for noise.
    """
    usual = _median(launches, "computing")
    shares = [launch.outside / launch.computing * usual for launch in launches if launch.computing]
    return min(_deviation([launch.outside for launch in launches]), _deviation(shares or [float("inf")]))


def _deviation(values: list[float]) -> float:
    middle = median(values)
    return median(abs(value - middle) for value in values)


def _ms(ns: float) -> str:
    return f"{ns / 1e6:,.0f} ms"
