"""Define the answer of a run: how many times faster the fastest kernel is than the baseline, and how surely."""

from __future__ import annotations

from dataclasses import dataclass

from harness.model.result import Quantity, Row

MIN_ROUNDS = 6
"""Smallest number of rounds in which the fast side of the headline was measured: at 95%, signed ranks need six."""


@dataclass(frozen=True)
class Precision:
    """How precise the speed-up of the headline is, and what a better one would take.

    `baseline_scatter` and `fastest_scatter` are the standard deviations of the logarithms of the launches' times,
    `half_width` that of the speed-up's interval relative to it. `rounds` is the number of rounds, `needed` the number
    for the half width `target`, if the launches scatter as they did.
    """

    baseline_scatter: float
    fastest_scatter: float
    half_width: float
    rounds: int
    target: float
    needed: int


@dataclass(frozen=True)
class Answer:
    """The two sides of the headline, and the ratio of their times.

    `fastest` is the processors' fastest kernel of multiply-adds in float64 that was measured whole in MIN_ROUNDS rounds
    or more; None if there is none, and then `why_not` says why, and what would give one. `equals` are the kernels that
    cannot be told from it. `baseline` is the configured one, or the slowest kernel where that was not measured; None if
    nothing was.
    """

    baseline: Row | None = None
    fastest: Row | None = None
    speedup: Quantity | None = None
    equals: tuple[Row, ...] = ()
    precision: Precision | None = None
    why_not: str = ""
