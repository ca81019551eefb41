"""Compute the climb: the steps from the baseline to the fastest kernel. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.model.kernel import REFERENCE, RUNGS, by_main_toolchain
from harness.model.result import Row, fastest_first
from harness.report.paper import TABLE, PaperRow

PHRASES = {
    "naive": "naive loops",
    "interchange": "unit stride",
    "parallel": "all threads",
    "tiled": "tiles in shared memory",
    "divide": "divide and conquer",
    "vector": "vectors",
    "intrinsics": "intrinsics",
    "packed": "packed panels",
    "strassen": "Strassen",
    "engine": "matrix engine",
    "library": "library",
}
"""The change of each rung, in a few words."""


@dataclass(frozen=True)
class Step:
    """A kernel in a series: its speed relative to the first kernel, and the factor over the step before.

    In the repetition of the paper's table, `paper` is the kernel's row there, `paper_factor` the factor over the
    paper's row of the step before.
    """

    row: Row
    times: float
    low: float
    high: float
    factor: float | None
    paper: PaperRow | None = None
    paper_factor: float | None = None

    @property
    def label(self) -> str:
        """The paper's name of its row, or the language and the change: 'C: unit stride'."""
        return self.paper.version if self.paper else f"{self.row.language_name}: {phrase(self.row.variant)}"


def phrase(variant: str) -> str:
    """Return a rung or a variant in words: 'naive loops (numba)'."""
    rung, _, suffix = variant.partition("-")
    return PHRASES.get(rung, rung) + (f" ({suffix})" if suffix else "")


def climb(rows: Sequence[Row], baseline: str) -> list[Step]:
    """Return the steps; none if fewer than two of their kernels were measured.

    First the baseline and the naive rungs of the paper's languages in its order, then every rung of C, or of the
    language of the fastest kernel if C was not measured. If a kernel of another language is faster still, it is the
    last step. Each language has its main toolchain only. The paper's own programs are compared by themselves
    (reproduction.py): between the baseline and C they would be steps back.
    """
    measured = {row.kernel: row for row in fastest_first(by_main_toolchain(row for row in rows if row.time))}
    kernels = [row for row in measured.values() if not is_library(row)]
    if not kernels:
        return []
    climbs = REFERENCE if any(row.language == REFERENCE for row in kernels) else kernels[0].language
    start = measured.get(baseline, kernels[-1])
    naive = [f"{paper.kernel.split('/')[0]}/naive" for paper in TABLE]
    before = [measured[name] for name in naive if name in measured and measured[name].language != climbs]
    ladder = [row for row in kernels if row.language == climbs and row.variant in RUNGS]
    ladder.sort(key=lambda row: RUNGS.index(row.rung))
    way = list(dict.fromkeys(row.kernel for row in (start, *before, *ladder, kernels[0])))
    return steps_of([measured[name] for name in way]) if len(way) > 1 else []


def steps_of(way: Sequence[Row]) -> list[Step]:
    """Return measured rows as steps, each relative to the first row and to the row before it."""
    steps: list[Step] = []
    base_s = earlier_s = None
    for row in way:
        assert row.time is not None
        seconds, bounds = row.time.value, row.time.interval
        base_s = base_s or seconds
        steps.append(
            Step(
                row,
                base_s / seconds,
                base_s / (bounds.high if bounds else seconds),
                base_s / (bounds.low if bounds else seconds),
                earlier_s / seconds if earlier_s else None,
            )
        )
        earlier_s = seconds
    return steps


def is_library(row: Row) -> bool:
    """Return whether a row is a call of a library."""
    return row.rung == "library"
