"""Check one thing that a kernel reports, from differences between its launches. Pure.

Start, loading and writing cost each launch about the same, so they cancel in the difference of two launches that differ
in their calls or rows. A check returns None if the kernel passes it, and also if the launches are too few to decide.

Threads are counted in a launch of their own, in its second half: the launcher counts those that run or wait for a
processor. Their number is the same however busy the machine is. Times are not: where other processes use the
processors, two threads of a kernel share one processor, and their launch takes no more processor time than wall time.
Restricting the launch to as many processors as the kernel has threads would not do either: a runtime that starts one
thread per processor would start one thread only, and pass. Nor does the time of such a launch tell: beside other work,
a serial kernel that may not move to the other processor is slowed down more than two processes that share one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from harness.analysis.launch_summary import LaunchSummary, outside_deviation, slowdown
from harness.model.sample import Purpose, Sample

MIN_DIFFERENCE_NS = 20e6
"""Smallest difference between launches, in ns, that counts as evidence. Start and loading vary by some milliseconds."""

MIN_DIFFERENCE_FRACTION = 0.25
"""Smallest difference, as a fraction of the reported time, that counts as evidence."""

MIN_DEVIATIONS = 6
"""Smallest difference, in median absolute deviations of the launches' time outside their calls, that counts as
evidence. Loading Numba takes from 0.5 to 0.8 s, which says nothing about the clock."""

MAX_IO_RATIO = 3
"""Maximum ratio of the time to load and write all rows of A and C to that for some rows; both include all of B."""

MAX_START_RATIO = 2
"""Maximum ratio of the processor times of starting and loading in two launches of one kernel."""

MAX_FIRST_TO_LATER_RATIO = 10
"""Maximum ratio of the extra time in the first call to that in later calls for the same extra rows. A JIT still
compiles in the first call."""

WARM_UP_ROWS_RATIO = 16
"""Ratio of the rows of two launches from which on the first call on the fewer is hardly more than a JIT's warm-up."""

MAX_WARM_UP_VARIATION = 2
"""Maximum difference of a JIT's warm-ups in two launches, relative to the shorter one. With two busy loops on two
processors, that of Java's packed kernel took from 0.3 to 1.1 s."""

MAX_EXTRA_PROCESSORS = 0.5
"""Processors at work beyond the allowed threads that a runtime's own threads (garbage collector, JIT) account for."""

MIN_LOOKS = 8
"""Smallest number of times that the launcher must have looked at the threads in the second half of the launch."""

MIN_LATER_FRACTION = 0.3
"""Smallest fraction of a launch that its later calls must take: they then are most of the second half."""

MIN_SETTLED_FRACTION = 0.6
"""The same where the first call took longer than the others: a JIT's threads may compile for a while after it. Those of
Java were at work in a quarter of the second half where later calls took 0.4 of a launch, and in none where they took
0.6."""

MAX_FIRST_RATIO = 1.5
"""Maximum ratio of the first call to the later ones of a kernel that has no JIT."""

MAX_NEW_ROWS_RATIO = 1.5
"""Maximum ratio of the time of a call on new rows or values of A to that of a first call on the usual ones."""


MAX_WORK_RATIO = 3
"""Maximum ratio of the processor times of two first calls: 2 for the speed of the machine, and half as much again for
the threads of a JIT, whose work is not told from that of the call."""


MAX_DEVICE_RATIO = 1.01
"""Maximum ratio of the time that a device reports for a call to the call's own. Two clocks may differ by far less."""


@dataclass(frozen=True)
class FailedCheck:
    """A check that a kernel failed: the name of the check, and the observation in words."""

    check: str
    observation: str


def check_clock(
    more: Sequence[LaunchSummary], fewer: Sequence[LaunchSummary], reported_ns: float, io_ratio: float
) -> FailedCheck | None:
    """Check that time outside the calls does not grow with the calls or rows: else they are not timed completely.

    `reported_ns` is by how much the reported times of the two groups differ, `io_ratio` the maximum ratio of their
    times outside the calls. The times are subtracted within each launch, so a machine that is slower for one launch
    than for another does not look like a slow clock.
    """
    hidden_ns = median_outside_ns(more) - io_ratio * max(launch.outside_ns for launch in fewer)
    noise_ns = max(MIN_DIFFERENCE_NS, MIN_DEVIATIONS * outside_deviation(more), MIN_DIFFERENCE_FRACTION * reported_ns)
    if reported_ns > 0 and hidden_ns > noise_ns:
        return FailedCheck(
            "clock", f"reports {ms(reported_ns)} of computing, but its launches took {ms(hidden_ns)} more"
        )
    return None


def check_call_count(
    launches: Sequence[LaunchSummary], starts: Sequence[LaunchSummary], threads: int
) -> FailedCheck | None:
    """Check that launches leave enough time outside their calls to start: else some of the calls were not made.

    The processor time must say so too: start launches may have waited for a processor when the others did not.
    """
    if not starts:
        return None
    outside_ns = median_outside_ns(launches)
    missing_ns = min(launch.outside_ns for launch in starts) / 2 - outside_ns
    outside_cpu_ns = median(launch.outside_cpu_ns(threads) for launch in launches)
    missing_cpu_ns = min(launch.outside_cpu_ns(threads) for launch in starts) / 2 - outside_cpu_ns
    if min(missing_ns, missing_cpu_ns) > MIN_DIFFERENCE_NS:
        observation = f"leaves {ms(outside_ns)} of a launch outside its calls, less than half of a start launch"
        return FailedCheck("skipped-repetitions", observation)
    return None


def check_thread_count(launches: Sequence[LaunchSummary], threads: int) -> FailedCheck | None:
    """Check the number of threads at work, in the launches in which they were counted: one that passes is enough."""
    counts = [launch.at_work for launch in launches if launch.looks >= MIN_LOOKS and _is_settled(launch)]
    if min(counts, default=0) > threads:
        return FailedCheck("threads", f"has {min(counts)} threads at work where {threads} were allowed")
    return None


def _is_settled(launch: LaunchSummary) -> bool:
    """Return whether the kernel's own threads, and not those of a JIT, were at work in the launch's second half."""
    has_jit = launch.first_ns > MAX_FIRST_RATIO * launch.later_ns
    fraction = MIN_SETTLED_FRACTION if has_jit else MIN_LATER_FRACTION
    return launch.reported_ns - launch.first_ns > fraction * launch.wall_ns


def check_processor_time(
    more: Sequence[LaunchSummary], fewer: Sequence[LaunchSummary], threads: int
) -> FailedCheck | None:
    """Check that processor time grows no faster than wall time times the allowed threads.

    The difference of the two groups leaves out the threads that start a JIT. It is noise where launches are short, so
    every whole launch must exceed the limit as well.
    """
    wall_ns = median(launch.wall_ns for launch in more) - median(launch.wall_ns for launch in fewer)
    cpu_ns = median(launch.cpu_ns for launch in more) - median(launch.cpu_ns for launch in fewer)
    limit = threads + MAX_EXTRA_PROCESSORS
    if (
        wall_ns > MIN_DIFFERENCE_NS
        and cpu_ns > wall_ns * limit
        and all(launch.cpu_ns > launch.wall_ns * limit for launch in more)
    ):
        observation = f"computes with {cpu_ns / wall_ns:.1f} processors at work where {threads} were allowed"
        return FailedCheck("threads", observation)
    return None


def check_later_calls(
    more: Sequence[LaunchSummary], fewer: Sequence[LaunchSummary], threads: int
) -> FailedCheck | None:
    """Check that more rows take more time in later calls, where they do in the first call."""
    if not fewer or more[0].calls < 2:
        return None
    rows = max(launch.rows for launch in fewer)
    slowest = max(more, key=lambda launch: slowdown(launch, fewer, threads))
    # calls on so few rows are short, unless a JIT warms up in them; beside other work, it takes twice as long in some
    short = [launch.first_ns for launch in fewer if launch.rows * WARM_UP_ROWS_RATIO <= more[0].rows]
    warm_up_ns = MAX_WARM_UP_VARIATION * max(short, default=0.0)
    few_ns = (max(launch.first_ns for launch in fewer) + warm_up_ns) * slowdown(slowest, fewer, threads)
    first_ns = median(launch.first_ns for launch in more) - few_ns
    later_ns = median(launch.later_ns for launch in more) * (1 - rows / more[0].rows)
    if first_ns > MAX_FIRST_TO_LATER_RATIO * later_ns and first_ns - later_ns > 2 * MIN_DIFFERENCE_NS:
        observation = f"takes {ms(first_ns)} more for more rows in its first call, but {ms(later_ns)} in later calls"
        return FailedCheck("skipped-repetitions", f"{observation}: these do not compute")
    return None


def check_shared_work(launches: Sequence[LaunchSummary], threads: int) -> FailedCheck | None:
    """Check that a first call takes as much processor time beside other calls as where it is the only one.

    Calls that share out the time of one computation report less the more of them there are, so that each seems fast.
    """
    several_ns = [launch.first_ns / launch.wait_ratio(threads) for launch in launches if launch.calls > 1]
    alone_ns = [launch.first_ns / launch.wait_ratio(threads) for launch in launches if launch.calls == 1]
    if not (several_ns and alone_ns):
        return None
    if min(alone_ns) > max(MAX_WORK_RATIO * min(several_ns), min(several_ns) + MIN_DIFFERENCE_NS):
        observation = f"takes {ms(min(alone_ns))} for a single call, but {ms(min(several_ns))} for the first of several"
        return FailedCheck("skipped-repetitions", f"{observation}: these share one computation")
    return None


def check_new_rows(launches: Sequence[LaunchSummary], threads: int) -> FailedCheck | None:
    """Check that audits, which begin at a row where no other launch began, take as long as first calls elsewhere."""
    audits = [launch for launch in launches if launch.purpose == Purpose.AUDIT]
    if times := _slower_than_usual(audits, launches, threads):
        return FailedCheck("memoised-result", f"takes {times[0]} for new rows, but {times[1]} for the usual ones")
    return None


def check_new_values(
    full_mantissa: Sequence[LaunchSummary], launches: Sequence[LaunchSummary], threads: int
) -> FailedCheck | None:
    """Check that calls on values of 53 bits take as long as first calls on the dyadic inputs, which need fewer."""
    if times := _slower_than_usual(full_mantissa, launches, threads):
        return FailedCheck(
            "data-dependent", f"takes {times[0]} for values of 53 bits, but {times[1]} for the usual ones"
        )
    return None


def _slower_than_usual(
    new: Sequence[LaunchSummary], launches: Sequence[LaunchSummary], threads: int
) -> tuple[str, str] | None:
    """Return the times, in words, of a first call in `new` and in the usual launches, if the former take longer."""
    rows = max((launch.rows for launch in new), default=0)
    usual = [launch for launch in launches if launch.purpose != Purpose.AUDIT and launch.rows == rows]
    if not usual:
        return None
    usual_ns = median(launch.first_ns for launch in usual)
    new_ns = min(launch.first_ns / slowdown(launch, usual, threads) for launch in new if launch.rows == rows)
    if new_ns > MAX_NEW_ROWS_RATIO * usual_ns and new_ns - usual_ns > MIN_DIFFERENCE_NS:
        return ms(new_ns), ms(usual_ns)
    return None


def check_device_time(samples: Sequence[Sample]) -> FailedCheck | None:
    """Check that no device reports more time for a call than the call took: its clock would be wrong, or the call's."""
    for sample in samples:
        if sample.device_ns > MAX_DEVICE_RATIO * sample.ns:
            return FailedCheck(
                "device-clock", f"reports {sample.device_ns} ns on its device in a call of {sample.ns} ns"
            )
    return None


def median_outside_ns(launches: Sequence[LaunchSummary]) -> float:
    """Return the median time of launches outside their calls, in ns."""
    return median(launch.outside_ns for launch in launches)


def ms(ns: float) -> str:
    """Return a time in ms, in words."""
    return f"{ns / 1e6:,.0f} ms"
