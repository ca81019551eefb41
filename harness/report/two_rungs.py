"""Show two kernels side by side as lines for the terminal: times, counts, how they were counted, and what changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.analysis.reasons import FEW_MISSES, Evidence, Step
from harness.model.counts import Caches, CacheShape, Counts, HowCounted, PerStep
from harness.util.format import significant, size


@dataclass(frozen=True)
class Line:
    """A figure of both kernels, and the second divided by the first; None for what is not known."""

    name: str
    before: float | None
    after: float | None

    @property
    def ratio(self) -> float | None:
        """The figure of the second kernel divided by that of the first; None where that is almost 0."""
        if self.before is None or self.after is None or self.before < FEW_MISSES:
            return None
        return self.after / self.before


FIGURES: dict[str, Callable[[PerStep], float]] = {
    "instructions": lambda each: each.instructions,
    "L1 misses": lambda each: each.l1_misses,
    "last-level misses": lambda each: each.ll_misses,
    "bytes from memory": lambda each: each.bytes_moved,
    "branches": lambda each: each.branches,
    "mispredicted": lambda each: each.mispredicted,
}
"""The counted figures of a multiply-add, by the names under which they are shown."""


BEYOND_THE_LAST_LEVEL = frozenset({"last-level misses", "bytes from memory"})
"""The figures that are not known where the matrices fitted into the last level: a larger n would have more than 0."""


def figure_of(counts: Counts | None, name: str) -> float | None:
    """Return a figure of FIGURES; None where it is not known."""
    if counts is None or counts.per_step is None or counts.how is None:
        return None
    return None if counts.how.fits and name in BEYOND_THE_LAST_LEVEL else FIGURES[name](counts.per_step)


def figures(step: Step) -> list[Line]:
    """Return the figures of a multiply-add of both kernels."""
    before, after = step.before, step.after
    assert before is not None
    counted = [Line(name, *(figure_of(each.counts, name) for each in (before, after))) for name in FIGURES]
    return [Line("time, ns", before.step_ns, after.step_ns), *counted]


def lines(step: Step) -> list[str]:
    """Return two kernels side by side."""
    before, after = step.before, step.after
    assert before is not None
    wide = max(14, len(before.kernel), len(after.kernel)) + 2
    text = [f"{'a multiply-add':<18}{before.kernel:>{wide}}{after.kernel:>{wide}}{'ratio':>10}"]
    for line in figures(step):
        values = "".join(f"{shown(value):>{wide}}" for value in (line.before, line.after))
        text.append(f"{line.name:<18}{values}{shown(line.ratio):>10}")
    text.append(f"{'threads, timed':<18}{before.threads:>{wide}}{after.threads:>{wide}}")
    return [*text, *_ways(before, after), step.sentence]


def shown(value: float | None) -> str:
    """Return a figure of a multiply-add, a very small one as '<0.0001'; a dash stands for what is not known.

    A difference of launches may be a little below zero; it is shown as 0.
    """
    if value is None:
        return "–"
    if value <= 0:
        return "0"
    return f"<{FEW_MISSES:.4f}" if value < FEW_MISSES else significant(value)


def _ways(before: Evidence, after: Evidence) -> list[str]:
    return [f"{each.kernel}: {way(each.counts)}" for each in (before, after)]


def way(counts: Counts | None) -> str:
    """Return how a kernel was counted in words, or why it was not."""
    if counts is None:
        return "not counted"
    return how_counted(counts.how) if counts.how else f"not counted: {counts.reason}"


def how_counted(how: HowCounted) -> str:
    """Return how a kernel was counted: 'counted at n = 4096 in 8 rows'."""
    where = f"counted at n = {how.n}, " + ("whole" if how.whole else f"in {how.rows} row{'s' if how.rows > 1 else ''}")
    build = f", in a build for {how.build}, which is not the timed one" if how.build else ""
    fits = ", where the last level holds all matrices" if how.fits else ""
    return f"{where}{fits}{build}"


def cache_words(caches: Caches) -> str:
    """Return the simulated caches in words, with those whose size was rounded."""
    words = f"L1 {_cache(caches.first_data)}, last level {_cache(caches.last)}"
    rounded = f" (the size of {' and '.join(caches.rounded)} is rounded to a power of two of sets)"
    return words + (rounded if caches.rounded else "")


def _cache(shape: CacheShape) -> str:
    return f"{size(shape.size_bytes)} with {shape.ways} ways"
