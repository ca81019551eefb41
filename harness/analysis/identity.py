"""Compute what leads from a speed-up on one machine to that on another. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from harness.model.machine import Peak
from harness.model.result import Row


@dataclass(frozen=True)
class SpeedUp:
    """A speed-up by what makes it up: the rates of the baseline and of the peak in GFLOPS, and the share of the peak.

    A product takes 2 n^3 operations divided by the rate. The time of the baseline divided by that of the fast kernel is
    therefore the rate of the fast kernel, which is peak times share, divided by that of the baseline, at any n.
    """

    baseline_gflops: float
    peak_gflops: float
    peak_share: float

    @property
    def times(self) -> float:
        """The time of the baseline divided by that of the fast kernel."""
        return self.peak_gflops * self.peak_share / self.baseline_gflops


@dataclass(frozen=True)
class Identity:
    """The factors that lead from a speed-up `there` to that `here`.

    `total` is the speed-up here as the report shows it, which is a ratio by common rounds and not that of two times.
    `estimated` is true if the time of the baseline here is an estimate.
    """

    there: SpeedUp
    here: SpeedUp
    n: int
    total: float
    estimated: bool = False

    @property
    def baseline(self) -> float:
        """The factor of the baseline: below 1 where it is faster here."""
        return self.there.baseline_gflops / self.here.baseline_gflops

    @property
    def peak(self) -> float:
        """The factor of the peak."""
        return self.here.peak_gflops / self.there.peak_gflops

    @property
    def share(self) -> float:
        """The factor of the share of the peak."""
        return self.here.peak_share / self.there.peak_share

    @property
    def remainder(self) -> float:
        """What the factors lack to the total: 1 if they multiply to it."""
        return self.total / self.here.times


def identity_of(there: SpeedUp, baseline: Row, fastest: Row, peak: Peak | None, total: float) -> Identity | None:
    """Return the factors from a speed-up `there` to that of `fastest` over the baseline, which is `total`.

    The peak is that of the threads of `fastest`. None if it was not measured.
    """
    gflops = peak.gflops.get(fastest.threads) if peak else None
    if not gflops or baseline.rate is None or fastest.rate is None:
        return None
    here = SpeedUp(baseline.rate.gflops, gflops, fastest.rate.gflops / gflops)
    return Identity(there, here, fastest.n, total, baseline.estimated)
