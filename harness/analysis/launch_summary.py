"""Summarise launches for the plausibility checks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from harness.model.sample import Purpose, Sample

MAX_SLOWDOWN = 4
"""Maximum ratio of the machine's speeds during two launches: it computes half as fast where the host takes away time,
and half as fast again where another process shares the processor. A kernel could feign more by a sleep at its start."""


@dataclass(frozen=True)
class LaunchSummary:
    """The times of one launch, in ns, and the threads that the launcher counted in it.

    `reported_ns` is the sum of the times that the kernel reported, `first_ns` the time of the first call, `later_ns`
    the median time of the later calls, or of the first where there is no other. `wall_ns` and `cpu_ns` are the
    launcher's own figures. `at_work` and `looks` are those of JobResult, `round` is that of Sample.
    """

    purpose: Purpose
    rows: int
    calls: int
    reported_ns: float
    first_ns: float
    later_ns: float
    wall_ns: float
    cpu_ns: float
    at_work: int
    looks: int
    round: int

    @property
    def outside_ns(self) -> float:
        """The wall time of the launch outside its calls: start, loading and writing."""
        return self.wall_ns - self.reported_ns

    def wait_ratio(self, threads: int) -> float:
        """Return the ratio of the launch's time to the time without waits for a processor, which is at least 1.

        It is the ratio of the processor time that one thread outside the calls and `threads` within them would take to
        the processor time of the launch. Threads that are idle within a call make it too large.
        """
        return max(1.0, (self.outside_ns + threads * self.reported_ns) / max(1.0, self.cpu_ns))

    def outside_cpu_ns(self, threads: int) -> float:
        """Return about how much processor time the launch took outside its calls, in ns."""
        return self.outside_ns / self.wait_ratio(threads)


def slowdown(launch: LaunchSummary, others: Sequence[LaunchSummary], threads: int) -> float:
    """Return how much slower the machine may have been during a launch than during others: 1 to MAX_SLOWDOWN.

    There are two signs of it: the launch waited more for a processor, and start and loading, which are the same work in
    all of them, took longer. The larger one is returned.
    """
    by_waits = launch.wait_ratio(threads) / median(other.wait_ratio(threads) for other in others)
    by_start = launch.outside_ns / max(1.0, median(other.outside_ns for other in others))
    return min(MAX_SLOWDOWN, max(1.0, by_waits, by_start))


def summarise_launches(samples: Iterable[Sample]) -> list[LaunchSummary]:
    """Return a summary of each launch of a kernel."""
    calls: dict[int, list[Sample]] = {}
    for sample in samples:
        calls.setdefault(sample.launch, []).append(sample)
    return [
        LaunchSummary(
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
            launch[0].round,
        )
        for launch in calls.values()
    ]


def outside_deviation(launches: Sequence[LaunchSummary]) -> float:
    """Return the median absolute deviation of the launches' time outside their calls, in ns.

    It is computed twice, from the times and from the times relative to what the launch reported, and the smaller of the
    two is returned. Where a slow clock hides half of the computing, a launch on a busy machine hides more and reports
    more in the same proportion: in ns, this difference would pass for noise, and excuse the clock.
    """
    typical = median(launch.reported_ns for launch in launches)
    relative = [launch.outside_ns / launch.reported_ns * typical for launch in launches if launch.reported_ns]
    absolute = [launch.outside_ns for launch in launches]
    return min(_median_absolute_deviation(absolute), _median_absolute_deviation(relative or [float("inf")]))


def _median_absolute_deviation(values: Sequence[float]) -> float:
    middle = median(values)
    return median(abs(value - middle) for value in values)
