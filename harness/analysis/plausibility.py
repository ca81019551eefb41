"""Check what a kernel reports against the launcher's own clock. Pure.

Six things can be checked without trusting the kernel: that its clock covers all of its computing, that it computed the
product in every call, that it used no more threads than allowed, that it did not return an earlier result, that it
takes as long for values of 53 bits as for others, and that the time it reports of a device is within that of the call.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import median

from harness.analysis.launch_summary import LaunchSummary, summarise_launches
from harness.analysis.plausibility_checks import (
    MAX_IO_RATIO,
    MAX_START_RATIO,
    FailedCheck,
    check_call_count,
    check_clock,
    check_device_time,
    check_later_calls,
    check_new_rows,
    check_new_values,
    check_processor_time,
    check_shared_work,
    check_thread_count,
)
from harness.analysis.untimed_work import check_untimed_work
from harness.model.sample import Purpose, Sample, launches_in

MAX_AUDITS = 3
"""Maximum number of audits of a kernel that fails a check: noise fails an honest kernel now and then, rarely thrice."""


def audits_of(samples: Iterable[Sample]) -> int:
    """Return the number of audits; one audit may be two launches, of many rows and of few."""
    samples = list(samples)
    audits = launches_in(samples, Purpose.AUDIT) or launches_in(samples, Purpose.THREADS)
    rows = [launch[0].rows for launch in audits.values()]
    return max(map(rows.count, rows), default=0)


def plausibility_failures(samples: Iterable[Sample], n: int, threads: int) -> tuple[FailedCheck, ...]:
    """Return the checks that a kernel failed, one for each name; none where its samples are too few to decide."""
    samples = list(samples)
    summaries = summarise_launches(samples)
    counted = [launch for launch in summaries if launch.purpose == Purpose.THREADS]
    starts = [launch for launch in summaries if launch.purpose == Purpose.START]
    full_mantissa = [launch for launch in summaries if launch.purpose == Purpose.FULL_MANTISSA]
    # looking at the threads of a launch disturbs it, so that only its processor time is used for another check; a start
    # launch computes next to nothing
    apart = (Purpose.THREADS, Purpose.START, Purpose.FULL_MANTISSA)
    launches = [launch for launch in summaries if launch.purpose not in apart]
    if not any(launch.purpose == Purpose.AUDIT for launch in launches):
        # beside launches of one long call, that in which threads are counted is the audit (harness.measure.schedule)
        launches += [replace(launch, purpose=Purpose.AUDIT) for launch in counted]
    if not any(launch.purpose == Purpose.MEASURE for launch in launches):
        return ()
    # the number of threads first: no noise changes it, and too many threads change the times of all other checks
    failures = [
        check_thread_count(counted, threads),
        check_device_time(samples),
        *_timing_failures(launches, starts, counted, n, threads),
        check_new_values(full_mantissa, launches, threads),
    ]
    by_name: dict[str, FailedCheck] = {}
    for failure in failures:
        if failure:
            by_name.setdefault(failure.check, failure)
    return tuple(by_name.values())


def _timing_failures(
    launches: Sequence[LaunchSummary],
    starts: Sequence[LaunchSummary],
    counted: Sequence[LaunchSummary],
    n: int,
    threads: int,
) -> list[FailedCheck | None]:
    """Run the checks that compare launches of many calls or rows with launches of fewer."""
    measured = [launch for launch in launches if launch.purpose == Purpose.MEASURE]
    max_rows = max(launch.rows for launch in measured)
    many_rows = [launch for launch in measured if launch.rows == max_rows]
    fewer_calls = [launch for launch in launches if launch.purpose == Purpose.AUDIT and launch.rows == max_rows]
    fewer_rows = [launch for launch in measured if launch.rows < max_rows]
    few_rows = [launch for launch in launches if 2 * launch.rows < n] if max_rows == n else []
    failures = [check_new_rows(launches, threads), check_call_count(many_rows, starts, threads)]
    if few_rows:
        failures.append(check_untimed_work(many_rows, fewer_calls, few_rows, starts, threads))
    elif fewer_calls:
        more, fewer = many_rows, fewer_calls
        if more[0].calls < fewer[0].calls:  # an audit of launches of one call has two
            more, fewer = fewer, more
        reported_ns = (more[0].calls - fewer[0].calls) * median(launch.later_ns for launch in more)
        failures.append(check_clock(more, fewer, reported_ns, MAX_START_RATIO))
    if fewer_calls:
        failures.append(check_processor_time(many_rows, fewer_calls, threads))
    elif fewer_rows:
        reported_ns = _median_reported_ns(many_rows) - _median_reported_ns(fewer_rows)
        io_ratio = MAX_START_RATIO + (MAX_IO_RATIO - MAX_START_RATIO) * (max_rows - fewer_rows[0].rows) / n
        failures.append(check_clock(many_rows, fewer_rows, reported_ns, io_ratio))
        failures.append(check_processor_time(many_rows, fewer_rows, threads))
    half_or_less = [launch for launch in launches if 2 * launch.rows <= max_rows and launch.purpose != Purpose.PILOT]
    failures.append(check_later_calls(many_rows, half_or_less, threads))
    counted_rows = [launch for launch in counted if launch.rows == max_rows]
    failures.append(check_shared_work([*many_rows, *fewer_calls, *counted_rows], threads))
    return failures


def _median_reported_ns(launches: Sequence[LaunchSummary]) -> float:
    return median(launch.reported_ns for launch in launches)
