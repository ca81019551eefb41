"""Compare two runs: for each kernel faster, slower, no difference seen, or not comparable and why. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from harness.analysis.estimate import Estimate, estimate_time
from harness.analysis.run_to_run import CONFIDENCE, RunToRunVariation, drift, variation_of
from harness.analysis.significance import between_runs
from harness.model.config import Config
from harness.model.counts import RunCounts
from harness.model.kernel import SERIAL_RUNGS
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


@dataclass(frozen=True)
class Run:
    """The parts of a stored run that a comparison needs."""

    record: RunRecord
    rows: dict[str, Row]
    samples: dict[str, list[Sample]]
    counts: RunCounts = field(default_factory=RunCounts)

    @property
    def config(self) -> Config:
        """The configuration of the run."""
        return self.record.config


@dataclass(frozen=True)
class Timed:
    """A kernel's time in one run."""

    seconds: float
    estimated: bool


@dataclass(frozen=True)
class Instructions:
    """The counted instructions a multiply-add of a kernel in two runs, counted in the same way."""

    before: float
    after: float

    @property
    def percent(self) -> float:
        """The change relative to the earlier run, in percent; above 0 are more."""
        return 100 * (self.after / self.before - 1)


@dataclass(frozen=True)
class Change:
    """A kernel in two runs; a time is None if the run has none.

    `ratio` is the later time divided by the earlier one, and by the ratio of the machine. Above 1 is slower.
    `instructions` is None unless both runs have counts.
    """

    kernel: str
    verdict: Verdict
    reason: str = ""
    before: Timed | None = None
    after: Timed | None = None
    ratio: Quantity | None = None
    instructions: Instructions | None = None


@dataclass(frozen=True)
class Pair:
    """A kernel's two estimates; a control has `same_code`: the same artefact, bit for bit, in both runs."""

    kernel: str
    earlier: Estimate
    later: Estimate
    same_code: bool


@dataclass(frozen=True)
class Comparison:
    """The comparison of a run with an earlier one; `chips` are the CPUs of the earlier and of the later run.

    With `rounds_of`, the id of a run, it compares two toolchains, `before` and `after`, by the rounds of that run.
    """

    before: str
    after: str
    chips: tuple[str, str]
    variation: RunToRunVariation
    changes: list[Change]
    rounds_of: str = ""

    def regressions(self, percent: float) -> list[Change]:
        """Return the kernels whose whole interval is slower by more than `percent`."""
        return [
            change
            for change in self.changes
            if change.ratio and change.ratio.low is not None and change.ratio.low > 1 + percent / 100
        ]

    def with_more_instructions(self, percent: float) -> list[Change]:
        """Return the kernels that execute more instructions by more than `percent`: counts have no noise."""
        return [change for change in self.changes if change.instructions and change.instructions.percent > percent]


def compare(before: Run, after: Run) -> Comparison:
    """Compare every kernel of either run."""
    changes, pairs = {}, []
    for kernel in [*before.rows, *(kernel for kernel in after.rows if kernel not in before.rows)]:
        reason = not_comparable(before, after, kernel)
        times = timed(before.rows.get(kernel)), timed(after.rows.get(kernel))
        changes[kernel] = Change(kernel, Verdict.NOT_COMPARABLE, reason, *times)
        if not reason:
            built = [run.record.built.get(kernel) for run in (before, after)]
            same_code = built[0] is not None and built[1] is not None and built[0].digest == built[1].digest
            pairs.append(Pair(kernel, _estimate(before, kernel), _estimate(after, kernel), same_code))
    variation, judged = judge(pairs, drift(before.samples, after.samples))
    changes |= {change.kernel: change for change in judged}
    chips = (chip_name(before.record.host), chip_name(after.record.host))
    counted = [replace(each, instructions=_instructions(before, after, name)) for name, each in changes.items()]
    return Comparison(before.record.id, after.record.id, chips, variation, counted)


def _instructions(before: Run, after: Run, kernel: str) -> Instructions | None:
    """Return the change of a kernel's instructions; None unless both runs counted it at one n and in one way."""
    earlier, later = before.counts.of(kernel), after.counts.of(kernel)
    if earlier is None or later is None or earlier.how != later.how or earlier.per_step is None:
        return None
    return Instructions(earlier.per_step.instructions, later.per_step.instructions) if later.per_step else None


def judge(pairs: Sequence[Pair], change: float | None) -> tuple[RunToRunVariation, list[Change]]:
    """Give a verdict on each kernel, from the launches of both runs and the run-to-run variation.

    `change` is the change of the calibration loops: run_to_run.drift.

    The machine may have changed between the runs, since their launches do not alternate. Controls measure that: their
    differences have no other cause. Every ratio is divided by their median ratio, which is the change that all kernels
    share. Its own error, and the variation of the controls about it, widen every interval, since a change of the
    machine does not slow all kernels equally. Where there are too few controls, the difference of the calibration loops
    widens it, and corrects nothing: the loops are not kernels.

    A control is judged like any other kernel, although its own ratio is part of the median. That makes it no easier to
    call different: the covariance of a normal value with the median of k such values is 1/k of its variance, so it lies
    nearer to the median than a kernel outside of it, whose variance the interval has.
    """
    ratios = [(pair, between_runs(pair.later, pair.earlier, CONFIDENCE)) for pair in pairs]
    controls = [ratio for pair, ratio in ratios if ratio and pair.same_code]
    variation = variation_of(controls, change)
    return variation, [_change(pair, ratio.interval if ratio else None, variation) for pair, ratio in ratios]


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
        ("kind of figure", lambda run: kind_of(run.rows[kernel])),
    ):
        earlier, later = of(before), of(after)
        if earlier != later:
            return f"another {name}: {earlier} before, {later} after"
    return ""


def _version(record: RunRecord, kernel: str) -> str:
    return record.toolchains[kernel].version if kernel in record.toolchains else "unknown"


def timed(row: Row | None) -> Timed | None:
    """Return the time of a row; None without one."""
    return Timed(row.time.value, row.estimated) if row and row.time else None


def kind_of(row: Row) -> str:
    """Return how a row's time was found: times found in another way are not compared."""
    if row.rung in SERIAL_RUNGS:
        # any number of their rows estimates the same
        return "estimated" if row.estimated else "measured whole"
    return f"estimated from {row.rows} rows" if row.estimated else "measured whole"


def _change(pair: Pair, interval: Interval | None, variation: RunToRunVariation) -> Change:
    before, after = (Timed(each.value_ns / 1e9, each.estimated) for each in (pair.earlier, pair.later))
    if interval is None:
        ratio = after.seconds / before.seconds / variation.machine_ratio
        return Change(pair.kernel, Verdict.SAME, "measured once: there is no interval", before, after, Quantity(ratio))
    widened = variation.relative(interval)
    return Change(pair.kernel, verdict_of(widened), "", before, after, Quantity.of(widened.value, widened))


def verdict_of(ratio: Interval) -> Verdict:
    """Return the verdict on a ratio of two times, the later divided by the earlier."""
    return Verdict.SLOWER if ratio.low > 1 else Verdict.FASTER if ratio.high < 1 else Verdict.SAME


def _estimate(run: Run, kernel: str) -> Estimate:
    estimate = estimate_time(run.samples[kernel], run.config.n)
    assert estimate is not None
    return estimate
