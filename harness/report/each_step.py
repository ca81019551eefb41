"""Prepare the section of the page that says why each rung is faster: counts and sentences along each climb."""

from __future__ import annotations

from dataclasses import dataclass

from harness.analysis.reasons import Step, ladders
from harness.model.results import Results
from harness.report.chart_titles import roofline_title
from harness.report.charts.roofline import roofline_chart
from harness.report.two_rungs import FIGURES, cache_words, figure_of, shown, way


@dataclass(frozen=True)
class StepRow:
    """A kernel of a climb: its figures of a multiply-add as texts, how it was counted, and what the step changed."""

    kernel: str
    estimated: bool
    time: str
    figures: tuple[str, ...]
    way: str
    sentence: str


@dataclass(frozen=True)
class EachStep:
    """The section: the steps of each climb, the names of their figures, the simulated caches, and what is missing.

    `roofline` is the chart, empty without one.
    """

    climbs: dict[str, list[StepRow]]
    names: tuple[str, ...]
    caches: str
    tool: str
    missing: str
    roofline: str
    roofline_title: str


def each_step(results: Results) -> EachStep:
    """Return the section of a run; without a climb where nothing was counted."""
    counts = results.counts
    how = next((each.how for each in counts.kernels if each.how), None)
    climbs = {
        name: steps
        for name, steps in ladders(results.rows, counts, results.loops).items()
        if any(step.after.per_step for step in steps)
    }
    return EachStep(
        {name: [_row(step) for step in steps] for name, steps in climbs.items()},
        tuple(FIGURES),
        cache_words(how.caches) if how else "",
        how.tool if how else "",
        _missing(results),
        roofline_chart(results.rows, results.peak, counts),
        roofline_title(results.rows, counts),
    )


def has_sentence(step: Step) -> bool:
    """Return whether enough is known of a step to say what it changed: both counts, or both loops of machine code."""
    before, after = step.before, step.after
    return bool(before and ((before.per_step and after.per_step) or (before.width and after.width)))


def _row(step: Step) -> StepRow:
    after = step.after
    figures = tuple(shown(figure_of(after.counts, name)) for name in FIGURES)
    said = step.sentence if has_sentence(step) else ""
    return StepRow(after.kernel, after.estimated, shown(after.step_ns), figures, way(after.counts), said)


def _missing(results: Results) -> str:
    """Return what was not counted, and why; empty if everything was."""
    counts = results.counts
    if counts.reason:
        return f"Instructions and cache misses were not counted: {counts.reason}."
    missing = [row.kernel for row in results.rows if row.time and counts.of(row.kernel) is None]
    if not missing:
        return ""
    names = f": {', '.join(missing)}" if counts.kernels else ""
    return f"Not yet counted, which {results.record.program} count does{names}."
