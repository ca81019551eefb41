"""Compare commands by their launches: ratios round by round, a verdict on each, and the control. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from harness.ab.commands import Group
from harness.ab.plan import CONFIDENCE, Plan, confidence_of_each
from harness.analysis.compare import Verdict
from harness.analysis.intervals import location, paired
from harness.model.job import JobResult
from harness.model.result import Interval

CONTROL_CONFIDENCE = 0.99
"""Confidence of the control's interval: one run in a hundred is called untrustworthy by chance."""

Launches = Mapping[int, JobResult]
"""The counted launches of a command by the number of their round, at least two."""


@dataclass(frozen=True)
class Figures:
    """What a command takes: seconds of a launch, seconds of its processor time, and bytes of its peak memory.

    `time_s` and `cpu_s` are Hodges and Lehmann's estimates with their intervals; `cpu_s` is None where a launch took
    less than the clock shows. The peak is the median of the launches' peaks.
    """

    time_s: Interval
    cpu_s: Interval | None
    peak_rss_bytes: float


@dataclass(frozen=True)
class Difference:
    """A command compared with the first: the ratios of their times, processor times and peaks; above 1 is more.

    The verdict is that of the time.
    """

    verdict: Verdict
    time: Interval
    cpu: Interval | None
    peak_rss: float


@dataclass(frozen=True)
class Judgement:
    """What the launches of a group show: figures of each command, the differences of all but the first, the control.

    `control` is the ratio of the first command's times to those of the same command launched a second time in each
    round. If its interval does not hold 1, the run is not `trusted`. `confidence` is that of each difference.
    """

    figures: tuple[Figures, ...]
    differences: tuple[Difference, ...]
    control: Interval
    trusted: bool
    confidence: float

    def regressions(self, percent: float) -> tuple[int, ...]:
        """Return the places of the differences whose whole interval is slower by more than `percent`."""
        return tuple(i for i, found in enumerate(self.differences) if found.time.low > 1 + percent / 100)


@dataclass(frozen=True)
class Measured:
    """A group with its plan, the counted launches of each command, and what they show.

    `control` are the launches of the first command for the second time in each round.
    """

    group: Group
    plan: Plan
    launches: tuple[Launches, ...]
    control: Launches
    judgement: Judgement


def judge(first: Launches, again: Launches, others: Sequence[Launches]) -> Judgement:
    """Compare the launches of `others` with those of `first`; `again` are those of the control, in the same rounds."""
    confidence = confidence_of_each(len(others))
    control = paired(wall_s(again), wall_s(first), CONTROL_CONFIDENCE)
    return Judgement(
        tuple(_figures(launches) for launches in (first, *others)),
        tuple(_difference(other, first, confidence) for other in others),
        control,
        control.low <= 1 <= control.high,
        confidence,
    )


def wall_s(launches: Launches) -> dict[int, float]:
    """Return the times of launches by round, in seconds."""
    return _by_round(launches, lambda result: result.wall_ns / 1e9)


def _cpu_s(launches: Launches) -> dict[int, float]:
    return _by_round(launches, lambda result: (result.user_ns + result.system_ns) / 1e9)


def _by_round(launches: Launches, value: Callable[[JobResult], float]) -> dict[int, float]:
    return {number: value(result) for number, result in launches.items()}


def _peak(launches: Launches) -> float:
    return median(result.peak_rss_bytes for result in launches.values())


def _figures(launches: Launches) -> Figures:
    cpu_s = list(_cpu_s(launches).values())
    return Figures(
        location(wall_s(launches).values(), CONFIDENCE),
        location(cpu_s, CONFIDENCE) if min(cpu_s) > 0 else None,
        _peak(launches),
    )


def _difference(other: Launches, first: Launches, confidence: float) -> Difference:
    time = paired(wall_s(other), wall_s(first), confidence)
    cpu_s = _cpu_s(other), _cpu_s(first)
    shown = min(min(values.values()) for values in cpu_s) > 0
    return Difference(
        Verdict.SLOWER if time.low > 1 else Verdict.FASTER if time.high < 1 else Verdict.SAME,
        time,
        paired(*cpu_s, confidence) if shown else None,
        _peak(other) / _peak(first),
    )
