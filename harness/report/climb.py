"""The climb: from the baseline to the fastest kernel, a step at a time, with the paper's steps beside it. Pure."""

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
"""What a rung adds, in a word or two."""


@dataclass(frozen=True)
class Step:
    """A kernel of the climb: how many times the baseline it is, and the step before; the paper's row, if it has one."""

    row: Row
    times: float
    low: float
    high: float
    factor: float | None
    paper: PaperRow | None
    paper_factor: float | None

    @property
    def label(self) -> str:
        """'C: unit stride'; a variant is named."""
        return f"{self.row.language_name}: {phrase(self.row.variant)}"


def phrase(variant: str) -> str:
    """A rung or a variant of one in words: 'naive loops (O0)'."""
    rung, _, suffix = variant.partition("-")
    return PHRASES.get(rung, rung) + (f" ({suffix})" if suffix else "")


def climb(rows: Sequence[Row], baseline: str) -> list[Step]:
    """The steps, slowest language first; empty where fewer than two kernels of the way were measured.

    The paper's way as far as it went, then every rung of the language that climbs: C, or the one whose own kernel is
    the fastest where C is not among the rows. A kernel of another language that is faster still is the last step.
    """
    measured = {row.kernel: row for row in fastest_first(rows)}
    own = [row for row in measured.values() if not is_library(row)]
    if not own:
        return []
    climbs = REFERENCE if any(row.language == REFERENCE for row in own) else own[0].language
    start = measured.get(baseline, own[-1])
    papers = {paper.kernel: paper for paper in TABLE}
    before = [measured[name] for name in papers if name in measured and measured[name].language != climbs]
    ladder = [row for row in own if row.language == climbs and (row.variant in RUNGS or row.kernel in papers)]
    ladder.sort(key=lambda row: (RUNGS.index(row.rung), row.variant in RUNGS))
    way = list(dict.fromkeys(row.kernel for row in (start, *before, *ladder, own[0])))
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
    """Whether a row is somebody's library, called from its language."""
    return row.rung == "library"
