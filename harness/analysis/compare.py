"""Two runs -> what changed: faster, slower, no difference seen, or not comparable and why. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median, quantiles

from harness.analysis.estimate import Estimate, estimate_time
from harness.analysis.intervals import student_quantile
from harness.analysis.significance import between_runs
from harness.model.config import Config
from harness.model.result import Interval, Quantity, Row
from harness.model.run_record import RunRecord
from harness.model.sample import Sample


class Verdict(StrEnum):
    """The outcome of comparing a kernel in two runs."""

    FASTER = "faster"
    SLOWER = "slower"
    SAME = "no difference seen"
    NOT_COMPARABLE = "not comparable"


CONFIDENCE = 0.99
"""Of the interval behind a verdict. A comparison has a row for each kernel, and of fifty 95% intervals two or three
would tell equal kernels apart."""

MIN_CALIBRATIONS = 10

MIN_CONTROLS = 6
"""Of fewer kernels whose code did not change it cannot be said by how much equal code differs between the runs."""


@dataclass(frozen=True)
class Run:
    """A stored run as a comparison needs it."""

    record: RunRecord
    rows: dict[str, Row]
    samples: dict[str, list[Sample]]

    @property
    def config(self) -> Config:
        """The configuration of the run."""
        return self.record.config


@dataclass(frozen=True)
class Change:
    """A kernel in two runs. `ratio` is the later time by the earlier one: above 1 is slower."""

    kernel: str
    verdict: Verdict
    reason: str = ""
    before_s: float | None = None
    after_s: float | None = None
    ratio: Quantity | None = None


@dataclass(frozen=True)
class Pair:
    """A kernel's two estimates; `same_code` tells that both are of the same artefact, bit for bit."""

    kernel: str
    earlier: Estimate
    later: Estimate
    same_code: bool


@dataclass(frozen=True)
class RunToRunVariation:
    """By how much two runs differ though nothing was changed, as a logarithm, and how that is known.

    From `controls` kernels of the same code in both runs: a standard deviation, beside what their own launches
    explain. From calibration loops, with no controls: the whole difference. None where neither was to be had.
    """

    controls: int = 0
    size: float | None = None

    def widen(self, found: Interval) -> tuple[float, float]:
        """The interval's ends with this beside what it holds already."""
        ends = [math.log(end) for end in (found.low, found.high)]
        middle, size = math.log(found.value), self.size or 0.0
        if not self.controls:
            return math.exp(ends[0] - size), math.exp(ends[1] + size)
        far = student_quantile((1 + CONFIDENCE) / 2, self.controls - 1) * size
        return math.exp(middle - math.hypot(middle - ends[0], far)), math.exp(
            middle + math.hypot(ends[1] - middle, far)
        )


@dataclass(frozen=True)
class Comparison:
    """A run beside an earlier one."""

    before: str
    after: str
    variation: RunToRunVariation
    changes: list[Change]

    def regressions(self, percent: float) -> list[Change]:
        """The kernels that are surely slower by more than `percent`."""
        return [
            change
            for change in self.changes
            if change.ratio and change.ratio.low is not None and change.ratio.low > 1 + percent / 100
        ]


def compare(before: Run, after: Run) -> Comparison:
    """Every kernel of either run."""
    changes, pairs = {}, []
    for kernel in [*before.rows, *(kernel for kernel in after.rows if kernel not in before.rows)]:
        reason = not_comparable(before, after, kernel)
        changes[kernel] = Change(
            kernel, Verdict.NOT_COMPARABLE, reason, _time_s(before, kernel), _time_s(after, kernel)
        )
        if not reason:
            built = [run.record.built.get(kernel) for run in (before, after)]
            same_code = built[0] is not None and built[1] is not None and built[0].digest == built[1].digest
            pairs.append(Pair(kernel, _estimate(before, kernel, 0), _estimate(after, kernel, 1), same_code))
    variation, judged = judge(pairs, drift(before.samples, after.samples))
    changes |= {change.kernel: change for change in judged}
    return Comparison(before.record.id, after.record.id, variation, list(changes.values()))


def judge(pairs: Sequence[Pair], drift: float | None) -> tuple[RunToRunVariation, list[Change]]:
    """What became of each kernel, by the two runs' launches and by how much these runs differ of themselves.

    Runs do not take turns, so the machine may have changed between them. Kernels of the same code in both are the
    control group: what they differ by is not of anybody's doing, and widens every interval. Where they are too few,
    what the calibration loops saw does. Neither corrects a ratio, since kernels do not slow down alike.
    """
    found = [(pair, between_runs(pair.later, pair.earlier, CONFIDENCE)) for pair in pairs]
    controls = [interval for pair, interval in found if interval and pair.same_code]
    variation = (
        RunToRunVariation(0, drift)
        if len(controls) < MIN_CONTROLS
        else RunToRunVariation(len(controls), _unexplained(controls))
    )
    return variation, [_change(pair, interval, variation) for pair, interval in found]


def _unexplained(controls: Sequence[Interval]) -> float:
    """The standard deviation, on a log scale, of what equal code differs by beside what its intervals explain.

    Such that the median kernel lies as far from 1 as the median of a normal distribution does: a few that did change,
    or that a disturbance hit, do not move it (the method of Paule and Mandel 1982, with a median for the mean).
    """
    z = -student_quantile((1 - CONFIDENCE) / 2, 1000)
    parts = [(abs(math.log(one.value)), math.log(one.high / one.low) / 2 / z) for one in controls]

    def typical(size: float) -> float:
        return median(far / math.hypot(own, size, 1e-9) for far, own in parts)

    low, high = 0.0, max(far for far, _ in parts) / NORMAL_MEDIAN
    if typical(low) <= NORMAL_MEDIAN:
        return 0.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if typical(middle) > NORMAL_MEDIAN else (low, middle)
    return high


NORMAL_MEDIAN = 0.6745
"""The median distance from the mean of a normal distribution, in standard deviations."""


def drift(before: Mapping[str, list[Sample]], after: Mapping[str, list[Sample]]) -> float | None:
    """By how much, as a logarithm, the machine's speed in computing differed; None without enough calibrations.

    At its best, as kernels are compared: at the tenth percentile of the loop's times.
    """
    times = [
        list({sample.launch: sample.system.core_ns for sample in _all(run) if sample.system.core_ns}.values())
        for run in (before, after)
    ]
    if min(map(len, times)) < MIN_CALIBRATIONS:
        return None
    return abs(math.log(quantiles(times[1], n=10)[0] / quantiles(times[0], n=10)[0]))


def not_comparable(before: Run, after: Run, kernel: str) -> str:
    """Why a kernel's times in two runs do not compare; empty if they do."""
    for run, where in ((before, "the earlier run"), (after, "the later run")):
        if kernel not in run.rows:
            return f"not in {where}"
        if run.rows[kernel].time is None:
            return f"{run.rows[kernel].status} in {where}: {run.rows[kernel].reason}"
    for name, of in (
        ("CPU", lambda run: run.record.host.cpu),
        ("input", lambda run: f"n = {run.config.n}, seed {run.config.seed}"),
        ("number of threads", lambda run: run.rows[kernel].threads),
        ("backend", lambda run: run.record.backend.name),
        ("memory pages", lambda run: run.config.pages),
        ("toolchain", lambda run: _version(run.record, kernel)),
        ("kind of figure", lambda run: _kind(run.rows[kernel])),
    ):
        one, other = of(before), of(after)
        if one != other:
            return f"another {name}: {one} before, {other} after"
    return ""


def _version(record: RunRecord, kernel: str) -> str:
    return record.toolchains[kernel].version if kernel in record.toolchains else "unknown"


def _time_s(run: Run, kernel: str) -> float | None:
    time = run.rows[kernel].time if kernel in run.rows else None
    return time.value if time else None


def _kind(row: Row) -> str:
    return f"estimated from {row.rows} rows" if row.estimated else "measured whole"


def _change(pair: Pair, found: Interval | None, variation: RunToRunVariation) -> Change:
    times = (pair.earlier.value_ns / 1e9, pair.later.value_ns / 1e9)
    if found is None:
        return Change(
            pair.kernel, Verdict.SAME, "measured once: there is no interval", *times, Quantity(times[1] / times[0])
        )
    low, high = variation.widen(found)
    verdict = Verdict.SLOWER if low > 1 else Verdict.FASTER if high < 1 else Verdict.SAME
    return Change(pair.kernel, verdict, "", *times, Quantity(found.value, low, high))


def _estimate(run: Run, kernel: str, seed: int) -> Estimate:
    # another seed for each run: with the same draws, the errors of two equal runs would cancel in their ratio
    estimate = estimate_time(run.samples[kernel], run.config.n, run.config.resamples, seed)
    assert estimate is not None
    return estimate


def _all(run: Mapping[str, list[Sample]]) -> Iterable[Sample]:
    return (sample for samples in run.values() for sample in samples)
