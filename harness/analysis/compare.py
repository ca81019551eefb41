"""Compare two runs: for each kernel faster, slower, no difference seen, or not comparable and why. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median, quantiles

from harness.analysis.estimate import Estimate, estimate_time
from harness.analysis.intervals import student_quantile
from harness.analysis.significance import RatioOfRuns, between_runs
from harness.model.config import Config
from harness.model.result import Interval, Quantity, Row
from harness.model.run_record import RunRecord
from harness.model.sample import Sample
from harness.util.chip import chip_name, difference


class Verdict(StrEnum):
    """The outcome of comparing a kernel in two runs."""

    FASTER = "faster"
    SLOWER = "slower"
    SAME = "no difference seen"
    NOT_COMPARABLE = "not comparable"


CONFIDENCE = 0.99
"""Confidence of the interval behind a verdict. A comparison has a row for each kernel, and of fifty 95% intervals, two
or three would call equal kernels different."""

MIN_CALIBRATIONS = 10
"""Fewer calibrations of a run give no reliable tenth percentile."""

MIN_CONTROLS = 6
"""Fewer controls do not give the run-to-run variation; then that of the calibration loops is used."""


@dataclass(frozen=True)
class Run:
    """The parts of a stored run that a comparison needs."""

    record: RunRecord
    rows: dict[str, Row]
    samples: dict[str, list[Sample]]

    @property
    def config(self) -> Config:
        """The configuration of the run."""
        return self.record.config


@dataclass(frozen=True)
class Change:
    """A kernel in two runs. `ratio` is the later time divided by the earlier one: above 1 is slower."""

    kernel: str
    verdict: Verdict
    reason: str = ""
    before_s: float | None = None
    after_s: float | None = None
    ratio: Quantity | None = None


@dataclass(frozen=True)
class Pair:
    """A kernel's two estimates; a control has `same_code`: the same artefact, bit for bit, in both runs."""

    kernel: str
    earlier: Estimate
    later: Estimate
    same_code: bool


@dataclass(frozen=True)
class RunToRunVariation:
    """Run-to-run variation on a log scale: by how much two runs differ where nothing was changed.

    With `controls`, `size` is a standard deviation: the part of the controls' differences that their own intervals do
    not explain. With 0 controls, it is the whole difference of the calibration loops; None without these.
    """

    controls: int = 0
    size: float | None = None

    def widen(self, interval: Interval) -> Interval:
        """Return the interval widened by this variation; independent errors add in squares."""
        low, middle, high = (math.log(end) for end in (interval.low, interval.value, interval.high))
        size = self.size or 0.0
        if not self.controls:
            return Interval(interval.value, math.exp(low - size), math.exp(high + size))
        variation = student_quantile((1 + CONFIDENCE) / 2, self.controls - 1) * size
        below, above = math.hypot(middle - low, variation), math.hypot(high - middle, variation)
        return Interval(interval.value, math.exp(middle - below), math.exp(middle + above))


@dataclass(frozen=True)
class Comparison:
    """The comparison of a run with an earlier one; `chips` are the CPUs of the earlier and of the later run."""

    before: str
    after: str
    chips: tuple[str, str]
    variation: RunToRunVariation
    changes: list[Change]

    def regressions(self, percent: float) -> list[Change]:
        """Return the kernels whose whole interval is slower by more than `percent`."""
        return [
            change
            for change in self.changes
            if change.ratio and change.ratio.low is not None and change.ratio.low > 1 + percent / 100
        ]


def compare(before: Run, after: Run) -> Comparison:
    """Compare every kernel of either run."""
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
    chips = (chip_name(before.record.host), chip_name(after.record.host))
    return Comparison(before.record.id, after.record.id, chips, variation, list(changes.values()))


def judge(pairs: Sequence[Pair], drift: float | None) -> tuple[RunToRunVariation, list[Change]]:
    """Give a verdict on each kernel, from the launches of both runs and the run-to-run variation.

    The machine may have changed between the runs, since their launches do not alternate. Controls measure that: their
    differences have no other cause, and widen every interval. Where there are too few controls, the difference of the
    calibration loops widens it. Neither corrects a ratio, since a change of the machine does not slow all kernels
    equally.
    """
    ratios = [(pair, between_runs(pair.later, pair.earlier, CONFIDENCE)) for pair in pairs]
    controls = [ratio for pair, ratio in ratios if ratio and pair.same_code]
    variation = (
        RunToRunVariation(0, drift)
        if len(controls) < MIN_CONTROLS
        else RunToRunVariation(len(controls), _unexplained(controls))
    )
    return variation, [_change(pair, ratio.interval if ratio else None, variation) for pair, ratio in ratios]


def _unexplained(controls: Sequence[RatioOfRuns]) -> float:
    """Return the standard deviation, on a log scale, of the controls' differences that their intervals do not explain.

    It makes the median control differ by as much as the median of a normal distribution. A few controls that a
    disturbance hit do not change the median: the method of Paule and Mandel 1982, with a median for the mean.
    """
    parts = [(abs(math.log(ratio.interval.value)), ratio.standard_error) for ratio in controls]

    def typical(size: float) -> float:
        return median(difference / math.hypot(own, size, 1e-9) for difference, own in parts)

    low, high = 0.0, max(difference for difference, _ in parts) / NORMAL_MEDIAN
    if typical(low) <= NORMAL_MEDIAN:
        return 0.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if typical(middle) > NORMAL_MEDIAN else (low, middle)
    return high


NORMAL_MEDIAN = 0.6745
"""Median distance from the mean of a normal distribution, in standard deviations."""


def drift(before: Mapping[str, list[Sample]], after: Mapping[str, list[Sample]]) -> float | None:
    """Return the difference of the machine's computing speed, on a log scale; None without enough calibrations.

    It is that of the tenth percentile of the loop's times, since kernels are compared at their fastest, too.
    """
    times = [
        list({sample.launch: sample.system.core_ns for sample in _all(run) if sample.system.core_ns}.values())
        for run in (before, after)
    ]
    if min(map(len, times)) < MIN_CALIBRATIONS:
        return None
    return abs(math.log(quantiles(times[1], n=10)[0] / quantiles(times[0], n=10)[0]))


def not_comparable(before: Run, after: Run, kernel: str) -> str:
    """Return why a kernel's times in two runs cannot be compared; empty if they can."""
    for run, where in ((before, "the earlier run"), (after, "the later run")):
        if kernel not in run.rows:
            return f"not in {where}"
        if run.rows[kernel].time is None:
            return f"{run.rows[kernel].status} in {where}: {run.rows[kernel].reason}"
    if other := difference(before.record.host, after.record.host):
        return f"another {other.what}: {other.before} before, {other.after} after"
    for name, of in (
        ("input", lambda run: f"n = {run.config.n}, seed {run.config.seed}"),
        ("number of threads", lambda run: run.rows[kernel].threads),
        ("backend", lambda run: run.record.backend.name),
        ("memory pages", lambda run: run.config.pages),
        ("toolchain", lambda run: _version(run.record, kernel)),
        ("kind of figure", lambda run: _kind(run.rows[kernel])),
    ):
        earlier, later = of(before), of(after)
        if earlier != later:
            return f"another {name}: {earlier} before, {later} after"
    return ""


def _version(record: RunRecord, kernel: str) -> str:
    return record.toolchains[kernel].version if kernel in record.toolchains else "unknown"


def _time_s(run: Run, kernel: str) -> float | None:
    time = run.rows[kernel].time if kernel in run.rows else None
    return time.value if time else None


def _kind(row: Row) -> str:
    return f"estimated from {row.rows} rows" if row.estimated else "measured whole"


def _change(pair: Pair, interval: Interval | None, variation: RunToRunVariation) -> Change:
    times = (pair.earlier.value_ns / 1e9, pair.later.value_ns / 1e9)
    if interval is None:
        return Change(
            pair.kernel, Verdict.SAME, "measured once: there is no interval", *times, Quantity(times[1] / times[0])
        )
    ratio = variation.widen(interval)
    verdict = Verdict.SLOWER if ratio.low > 1 else Verdict.FASTER if ratio.high < 1 else Verdict.SAME
    return Change(pair.kernel, verdict, "", *times, Quantity.of(ratio.value, ratio))


def _estimate(run: Run, kernel: str, seed: int) -> Estimate:
    # a different seed for each run: with equal draws, the errors of two equal runs would cancel in their ratio
    estimate = estimate_time(run.samples[kernel], run.config.n, run.config.resamples, seed)
    assert estimate is not None
    return estimate


def _all(run: Mapping[str, list[Sample]]) -> Iterable[Sample]:
    return (sample for samples in run.values() for sample in samples)
