"""Two runs -> what changed: faster, slower, no difference seen, or not comparable and why. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

from harness.model import Config, Row, Sample
from harness.order import between_runs
from harness.stats import Estimate, summarise

FASTER, SLOWER, SAME, NOT_COMPARABLE = "faster", "slower", "no difference seen", "not comparable"

CONFIDENCE = 0.99
"""Of the interval behind a verdict. A comparison has a row for each kernel, and of fifty 95% intervals two or three
would tell equal kernels apart."""

LEAST_CALIBRATIONS = 10


@dataclass(frozen=True)
class Run:
    """A stored run as a comparison needs it."""

    facts: dict[str, Any]
    config: Config
    rows: dict[str, Row]
    samples: dict[str, list[Sample]]


@dataclass(frozen=True)
class Change:
    """A kernel in two runs. `ratio` is the later time by the earlier one: above 1 is slower."""

    kernel: str
    verdict: str
    reason: str = ""
    before_s: float | None = None
    after_s: float | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Comparison:
    """A run beside an earlier one. `drift` is the share by which the machine's own speed differed between them."""

    before: str
    after: str
    drift: float | None
    changes: list[Change]

    def regressions(self, percent: float) -> list[Change]:
        """The kernels that are surely slower by more than `percent`."""
        return [change for change in self.changes if change.low is not None and change.low > 1 + percent / 100]


def compare(before: Run, after: Run) -> Comparison:
    """Every kernel of either run.

    Runs do not take turns, so the machine may have changed between them: what the calibration loops of the two runs
    saw of that widens every interval. It corrects none, since kernels do not slow down alike.
    """
    shift = drift(before.samples, after.samples)
    changes = []
    for kernel in [*before.rows, *(kernel for kernel in after.rows if kernel not in before.rows)]:
        reason = not_comparable(before, after, kernel)
        if reason:
            changes.append(Change(kernel, NOT_COMPARABLE, reason))
        else:
            changes.append(change(kernel, _estimate(before, kernel, 0), _estimate(after, kernel, 1), shift or 0.0))
    return Comparison(before.facts["id"], after.facts["id"], math.expm1(shift) if shift is not None else None, changes)


def drift(before: Mapping[str, list[Sample]], after: Mapping[str, list[Sample]]) -> float | None:
    """By how much, as a logarithm, the machine's speed in computing differed; None without enough calibrations.

    At its best, as kernels are compared: at the tenth percentile of the loop's times.
    """
    times = [
        list({sample.launch: sample.watch.core_ns for sample in _all(run) if sample.watch.core_ns}.values())
        for run in (before, after)
    ]
    if min(map(len, times)) < LEAST_CALIBRATIONS:
        return None
    return abs(math.log(quantiles(times[1], n=10)[0] / quantiles(times[0], n=10)[0]))


def not_comparable(before: Run, after: Run, kernel: str) -> str:
    """Why a kernel's times in two runs do not compare; empty if they do."""
    for run, where in ((before, "the earlier run"), (after, "the later run")):
        if kernel not in run.rows:
            return f"not in {where}"
        if run.rows[kernel].median_s is None:
            return f"{run.rows[kernel].status} in {where}: {run.rows[kernel].reason}"
    for name, of in (
        ("CPU", lambda run: run.facts["host"]["cpu"]),
        ("input", lambda run: f"n = {run.config.n}, seed {run.config.seed}"),
        ("number of threads", lambda run: run.rows[kernel].threads),
        ("backend", lambda run: run.facts["backend"]["name"]),
        ("memory pages", lambda run: run.config.pages),
        ("toolchain", lambda run: run.facts["toolchains"][kernel]["version"]),
        ("kind of figure", lambda run: _kind(run.rows[kernel])),
    ):
        one, other = of(before), of(after)
        if one != other:
            return f"another {name}: {one} before, {other} after"
    return ""


def _kind(row: Row) -> str:
    return f"estimated from {row.rows} rows" if row.estimated else "measured whole"


def change(kernel: str, earlier: Estimate, later: Estimate, shift: float) -> Change:
    """What became of a kernel; `shift` is the logarithm by which its interval is widened on either side."""
    times = (earlier.value_ns / 1e9, later.value_ns / 1e9)
    found = between_runs(later, earlier, CONFIDENCE)
    if found is None:
        reason = "measured once: there is no interval"
        return Change(kernel, SAME, reason, *times, later.value_ns / earlier.value_ns)
    low, high = found.low * math.exp(-shift), found.high * math.exp(shift)
    verdict = SLOWER if low > 1 else FASTER if high < 1 else SAME
    return Change(kernel, verdict, "", *times, found.value, low, high)


def _estimate(run: Run, kernel: str, seed: int) -> Estimate:
    # another seed for each run: with the same draws, the errors of two equal runs would cancel in their ratio
    estimate = summarise(run.samples[kernel], run.config.n, run.config.resamples, seed)
    assert estimate is not None
    return estimate


def _all(run: Mapping[str, list[Sample]]) -> Iterable[Sample]:
    return (sample for samples in run.values() for sample in samples)
