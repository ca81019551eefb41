"""Compute the climb: the steps from the baseline to the fastest kernel, beside those of the paper. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.model.kernel import REFERENCE, RUNGS
from harness.model.result import Row, fastest_first
from harness.report.paper import TABLE, PaperRow

PHRASES = {
    "naive": "naive loops",
    "interchange": "unit stride",
    "parallel": "all threads",
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
    """A kernel of the climb: its speed relative to the first kernel, and the factor over the step before.

    `paper` is its row in the paper, `paper_factor` the factor over the paper's row before; None where there is none.
    """

    row: Row
    times: float
    low: float
    high: float
    factor: float | None
    paper: PaperRow | None
    paper_factor: float | None

    @property
    def label(self) -> str:
        """The language and the change: 'C: unit stride'."""
        return f"{self.row.language_name}: {phrase(self.row.variant)}"


def phrase(variant: str) -> str:
    """Return a rung or a variant in words: 'naive loops (O0)'."""
    rung, _, suffix = variant.partition("-")
    return PHRASES.get(rung, rung) + (f" ({suffix})" if suffix else "")


def climb(rows: Sequence[Row], baseline: str) -> list[Step]:
    """Return the steps; none if fewer than two of their kernels were measured.

    First the kernels of the paper in its order, then every rung of C, or of the language of the fastest kernel if C
    was not measured. If a kernel of another language is faster still, it is the last step.
    """
    measured = {row.kernel: row for row in fastest_first(rows)}
    kernels = [row for row in measured.values() if not is_library(row)]
    if not kernels:
        return []
    climbs = REFERENCE if any(row.language == REFERENCE for row in kernels) else kernels[0].language
    start = measured.get(baseline, kernels[-1])
    papers = {paper.kernel: paper for paper in TABLE}
    before = [measured[name] for name in papers if name in measured and measured[name].language != climbs]
    ladder = [row for row in kernels if row.language == climbs and (row.variant in RUNGS or row.kernel in papers)]
    ladder.sort(key=lambda row: (RUNGS.index(row.rung), row.variant in RUNGS))
    way = list(dict.fromkeys(row.kernel for row in (start, *before, *ladder, kernels[0])))
    return _steps([measured[name] for name in way], papers) if len(way) > 1 else []


def _steps(way: list[Row], papers: dict[str, PaperRow]) -> list[Step]:
    steps: list[Step] = []
    base_s = earlier_s = None
    last_paper: PaperRow | None = None
    for row in way:
        assert row.time is not None
        seconds, bounds = row.time.value, row.time.interval
        base_s = base_s or seconds
        paper = papers.get(row.kernel)
        steps.append(
            Step(
                row,
                base_s / seconds,
                base_s / (bounds.high if bounds else seconds),
                base_s / (bounds.low if bounds else seconds),
                earlier_s / seconds if earlier_s else None,
                paper,
                last_paper.seconds / paper.seconds if paper and last_paper else None,
            )
        )
        earlier_s, last_paper = seconds, paper or last_paper
    return steps


def is_library(row: Row) -> bool:
    """Return whether a row is a call of a library."""
    return row.rung == "library"
