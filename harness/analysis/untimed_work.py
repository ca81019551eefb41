"""Check that the clock of a kernel covers all of its work, also on a busy machine. Pure.

Processor time tells how much work a launch did, however long it waited for a processor. What the clock covers is told
by the launch itself: the ratio of two times of one launch depends neither on how fast the machine was during it nor on
what else ran.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median, median_low

from harness.analysis.launch_summary import MAX_SLOWDOWN, LaunchSummary, outside_deviation
from harness.analysis.plausibility_checks import (
    MAX_IO_RATIO,
    MAX_START_RATIO,
    MIN_DEVIATIONS,
    MIN_DIFFERENCE_FRACTION,
    MIN_DIFFERENCE_NS,
    FailedCheck,
    ms,
)

MIN_OUTSIDE_FRACTION = 0.1
"""Smallest difference, as a fraction of the time outside the calls, that counts as evidence. Starting a runtime takes
some percent more or less each time."""


def check_untimed_work(
    whole: Sequence[LaunchSummary],
    audits: Sequence[LaunchSummary],
    few_rows: Sequence[LaunchSummary],
    starts: Sequence[LaunchSummary],
    threads: int,
) -> FailedCheck | None:
    """Check that launches of all rows spend no more time outside their calls than starting and loading explain.

    Untimed work that grows with the number of calls is a slow clock; work that does not was done before the clock
    started, or after the last call. Either shows in processor time, which does not depend on what else runs. Wall time
    shows work whose processor time is charged to no launch; it must exceed what a busy machine explains.
    """
    if not few_rows:
        return None
    call_ns = median(launch.later_ns for launch in whole)
    call_cpu_ns = median(launch.later_ns / launch.wait_ratio(threads) for launch in whole)
    groups = (whole, starts, few_rows)
    hidden_cpu_ns = _unexplained_ns(
        *groups, lambda launch: launch.outside_cpu_ns(threads), MAX_START_RATIO, call_cpu_ns
    )
    hidden_wall_ns = _unexplained_ns(*groups, lambda launch: launch.outside_ns, MAX_SLOWDOWN, call_ns)
    if not hidden_cpu_ns and hidden_wall_ns <= MIN_DEVIATIONS * outside_deviation(whole):
        return None
    check = "clock" if _grows_with_calls(whole, audits, few_rows) else "untimed-work"
    hidden = ms(max(hidden_cpu_ns, hidden_wall_ns))
    observation = f"takes {hidden} outside its clock that loading does not explain, for calls of {ms(call_ns)}"
    return FailedCheck(check, observation)


def _unexplained_ns(
    whole: Sequence[LaunchSummary],
    starts: Sequence[LaunchSummary],
    few_rows: Sequence[LaunchSummary],
    outside_ns: Callable[[LaunchSummary], float],
    speed_ratio: float,
    call_ns: float,
) -> float:
    """Return by how much launches exceed what starting and loading them explains, outside their calls; 0 for noise.

    More than half of the launches must exceed it: a kernel gains nothing by work that fewer hide, and the system, which
    clears and moves memory, can delay as many. `speed_ratio` is how much faster the machine may have been during start
    launches and launches of few rows.
    """
    all_ns, few_rows_ns = median_low(map(outside_ns, whole)), min(map(outside_ns, few_rows))
    start_ns = min([*map(outside_ns, starts), few_rows_ns]) if starts else 0.0
    hidden_ns = all_ns - speed_ratio * (start_ns + MAX_IO_RATIO * (few_rows_ns - start_ns))
    noise_ns = max(MIN_DIFFERENCE_NS, MIN_DIFFERENCE_FRACTION * call_ns, MIN_OUTSIDE_FRACTION * all_ns)
    return hidden_ns if hidden_ns > noise_ns else 0.0


def _grows_with_calls(
    whole: Sequence[LaunchSummary], audits: Sequence[LaunchSummary], few_rows: Sequence[LaunchSummary]
) -> bool:
    """Return whether the untimed work of a launch grows with its calls, by pairs of a launch and an audit.

    An audit has one call, or two where the launches have one. The untimed work is taken relative to the first call of
    the same launch, so it cancels how fast the machine was, and how busy: an audit that was delayed would otherwise
    make a slow clock look like work that is done once. The limit lies halfway, on a log scale, between work that is
    done once (a growth of 1) and work that is part of every call.
    """
    start_ns = min(launch.outside_ns for launch in few_rows)
    growths, calls = [], []
    for audit in audits:
        # launches of one round are close in time, so the machine is most alike in them
        for launch in [launch for launch in whole if launch.round == audit.round] or whole:
            more, fewer = sorted((launch, audit), key=lambda each: each.calls, reverse=True)
            many, few = (max(1.0, each.outside_ns - start_ns) / each.first_ns for each in (more, fewer))
            growths.append(many / few)
            calls.append(more.reported_ns / more.first_ns * fewer.first_ns / fewer.reported_ns)
    return bool(growths) and median(calls) > 1 and median(growths) > math.sqrt(median(calls))
