"""Compare the paper's own programs, and what they become, with the paper's table: like with like. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from harness.model.result import Row, fastest_first
from harness.report.climb import Step, steps_of
from harness.report.headline import took, who
from harness.report.paper import TABLE
from harness.util.format import significant

PROGRAMS = {
    "python/naive-paper": "Python (loops at global scope)",
    "java/naive-paper": "Java",
    "c/naive-paper": "C (gcc -O0)",
}
"""The paper's own programs, as they are named in a sentence."""


def reproduction(rows: Sequence[Row]) -> list[Step]:
    """Return a step for each row of the paper's table whose kernel was measured, in the order of the table.

    The steps are relative to the first of them. That is the paper's Python, unless it was not measured. `paper_factor`
    is relative to the paper's row of the step before, so that both factors skip the same rows.
    """
    measured = {row.kernel: row for row in rows if row.time}
    papers = [paper for paper in TABLE if paper.kernel in measured]
    steps = steps_of([measured[paper.kernel] for paper in papers])
    factors = [None, *(slow.seconds / fast.seconds for slow, fast in pairwise(papers))]
    return [
        replace(step, paper=paper, paper_factor=factor)
        for step, paper, factor in zip(steps, papers, factors, strict=False)
    ]


def like_the_paper(rows: Sequence[Row], fastest: Row | None) -> str:
    """Return what the paper's own programs take, and how many times faster the fast side is than their Python.

    `fastest` is the fast side of the headline.

    Both speed-ups are relative to the baseline, round by round, and so is their ratio. Where a row has none, the ratio
    is that of the times. Empty without a measured python/naive-paper: no ratio here is then the paper's.
    """
    measured = {row.kernel: row for row in fastest_first(rows)}
    python = measured.get("python/naive-paper")
    if python is None:
        return ""
    programs = [f"{name} {took(measured[kernel])}" for kernel, name in PROGRAMS.items() if kernel in measured]
    sentence = f"With the paper's own programs: {', '.join(programs)}"
    if fastest is None:
        return f"{sentence}."
    return f"{sentence}; {who(fastest)} is {significant(_times(python, fastest))} times as fast as this Python."


def _times(slow: Row, fast: Row) -> float:
    assert slow.time and fast.time
    if slow.speedup and fast.speedup:
        return fast.speedup.value / slow.speedup.value
    return slow.time.value / fast.time.value
