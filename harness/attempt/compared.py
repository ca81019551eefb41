"""Compute a tried kernel's row and place from what was measured. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.analysis.estimate import Estimate, estimates_of
from harness.analysis.intervals import ratio
from harness.analysis.rows import implausible, rows_of
from harness.attempt.comparison import Measured
from harness.attempt.own_kernel import Attempt
from harness.attempt.standing import Standing, naive_of, next_rung, standing_of
from harness.model.config import Config
from harness.model.job import Failed
from harness.model.kernel import REFERENCE, Kernel
from harness.model.result import Quantity, Row


@dataclass(frozen=True)
class Piloted:
    """A rung that had no turn in the rounds of a tried kernel, and about how many seconds a product of it takes.

    They are those of its pilot, a short launch of the last 24 hours.
    """

    kernel: str
    seconds: float


@dataclass(frozen=True)
class Compared:
    """A tried kernel's row, its place, and the kernels that it is compared with.

    `estimates` has the estimate of each measured kernel, by its id; `naive` and `library` are None where there is none.
    `piloted` are the other rungs of the ladder, in its order.
    """

    own: Row
    standing: Standing
    naive: Kernel | None
    library: Kernel | None
    upcoming: Kernel | None
    piloted: tuple[Piloted, ...]
    estimates: Mapping[str, Estimate]
    threads: int
    confidence: float

    def speedup_over(self, kernel: Kernel) -> Quantity:
        """Return how many times as fast as another kernel the tried one is."""
        return Quantity.of(*ratio(self.estimates[kernel.id], self.estimates[self.own.kernel], self.confidence))

    @property
    def peak_share(self) -> Quantity | None:
        """The share of the peak with its interval; None where the peak is not known."""
        if self.own.rate is None or self.own.rate.peak_share is None or self.own.time is None:
            return None
        share, time = self.own.rate.peak_share, self.own.time
        if time.interval is None:
            return Quantity(share)
        return Quantity(share, share * time.value / time.interval.high, share * time.value / time.interval.low)


def compared_with(
    attempts: Sequence[Attempt], measured: Measured, kernels: Sequence[Kernel], config: Config
) -> dict[str, Compared | Failed]:
    """Return each tried kernel's row and place, or how it failed, by its id.

    A kernel whose samples do not suffice yet is left out.
    """
    estimates, owns = estimates_of(measured.samples, config.n), [attempt.kernel for attempt in attempts]
    failures = {**implausible(owns, measured.samples, estimates, measured.peak, config), **measured.failures}
    # a kernel whose reports cannot be true has no place among others
    estimates = {name: estimate for name, estimate in estimates.items() if name not in failures}
    rows = rows_of(owns, measured.samples, estimates, config, failures, peak=measured.peak)
    found: dict[str, Compared | Failed] = {}
    for attempt, row in zip(attempts, rows, strict=True):
        name = attempt.kernel.id
        if name in failures:
            found[name] = failures[name]
        elif name in estimates:
            found[name] = _compared(attempt, row, measured, estimates, kernels, config)
    return found


def _compared(
    attempt: Attempt,
    row: Row,
    measured: Measured,
    estimates: Mapping[str, Estimate],
    kernels: Sequence[Kernel],
    config: Config,
) -> Compared:
    own, beside = attempt.kernel, measured.beside[attempt.kernel.id]
    standing = standing_of(estimates[own.id], beside.ladder, estimates, config.confidence)
    others = [k for language in (own.language, REFERENCE) for k in kernels if k.language == language]
    naive = naive_of(beside.ladder)
    libraries = [kernel for kernel in beside.libraries if kernel.id in estimates]
    return Compared(
        own=row,
        standing=standing,
        naive=naive if naive and naive.id in estimates else None,
        library=min(libraries, key=lambda kernel: estimates[kernel.id].value_ns, default=None),
        upcoming=next_rung(standing, attempt.like, beside.ladder, others),
        piloted=tuple(
            Piloted(kernel.id, measured.pilot_s[kernel.id])
            for kernel in beside.ladder
            if kernel.id in measured.pilot_s and kernel.id not in estimates and kernel.id not in measured.failures
        ),
        estimates=estimates,
        threads=config.threads,
        confidence=config.confidence,
    )
