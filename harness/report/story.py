"""Tell the speed-up as a story: a slide for each step, with its factor, its reason, and the changes of the source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from harness.analysis.factors import IMPLEMENTATION, STEPS
from harness.analysis.reasons import evidence_of, sentence
from harness.explain.loop_text import sentences_of
from harness.model.counts import RunCounts
from harness.model.inner_loop import RunLoops
from harness.model.kernel import DEVICE_RUNGS
from harness.model.result import Factor, Product, Row
from harness.model.run_record import KernelRecord
from harness.report.sources import difference, highlighted

REASONS = {
    "language": (
        "An interpreter finds out anew for every operation what it is, what its operands are, and where its result "
        "goes. A compiler decides that once, and a step of the loop becomes a few instructions of the processor."
    ),
    "implementation": (
        "The loops stay as they are, and another implementation of the language runs them. Numba and PyPy compile them "
        "to machine code when they know the types, where CPython interprets each operation."
    ),
    "loop order": (
        "The inner loop of the textbook runs down a column of B, where each element lies in another cache line. With "
        "the two inner loops exchanged, it runs along rows of B and C, and uses every byte of a line."
    ),
    "cores": (
        "The rows of C do not depend on each other, so that each core computes some of them. The factor is at most the "
        "number of cores, and less where they wait for the same memory."
    ),
    "tiles": (
        "A group of threads copies a block of A and one of B to a small memory that its threads share. Each value is "
        "then read once from the large memory, and used by all threads of its row or column."
    ),
    "blocks": (
        "The product is halved until a part of A, B and C fits into a cache. Each element is then used many times "
        "before it has to come from memory again."
    ),
    "vectors": (
        "One instruction computes several multiply-adds at once. The block of B is copied to consecutive addresses "
        "first, from which whole vectors are loaded."
    ),
    "intrinsics": (
        "A tile of C stays in the registers of the vector unit while a row of B and a column of A pass by. Most "
        "instructions then compute, instead of loading and storing."
    ),
    "packing": (
        "Blocks of A and B are copied into the order in which the inner loop reads them, each sized for a level of the "
        "cache. The vector unit almost never waits, which is why this is close to the limit of the chip."
    ),
}
"""Why each step makes the product faster, by the names of harness.analysis.factors.STEPS."""


@dataclass(frozen=True)
class Slide:
    """One step: the factor, the rows before and after it, its reasons, and the changes of the source.

    `source` is the whole source after the step where it shares almost nothing with the source before; else empty.
    `counted` says what the step changed by what was counted; empty where one of the two was not counted.
    `loops` say what the hottest loops before and after consist of, where they are known.
    """

    factor: Factor
    before: Row
    after: Row
    reasons: tuple[str, ...]
    changes: Markup | None
    source: Markup
    counted: str = ""
    loops: tuple[str, ...] = ()


def story(
    product: Product | None,
    rows: Iterable[Row],
    kernels: Iterable[KernelRecord],
    counts: RunCounts | None = None,
    loops: RunLoops | None = None,
) -> list[Slide]:
    """Return the slides of a speed-up, in the order of its steps."""
    by_name, records = {row.kernel: row for row in rows}, {kernel.id: kernel for kernel in kernels}
    slides = []
    for factor in product.factors if product else ():
        before, after = records[factor.before_kernel], records[factor.after_kernel]
        changes = difference(before.source_text, after.source_text)
        slides.append(
            Slide(
                factor,
                by_name[before.id],
                by_name[after.id],
                tuple(REASONS[name] for name in _names(factor.name)),
                changes,
                Markup() if changes is not None else highlighted(after.source_text, after.source),
                _counted(by_name[before.id], by_name[after.id], counts or RunCounts(), loops or RunLoops()),
                tuple(sentences_of(loops or RunLoops(), (before.id, after.id))),
            )
        )
    return slides


def _counted(before: Row, after: Row, counts: RunCounts, loops: RunLoops) -> str:
    pair = evidence_of(before, counts, loops), evidence_of(after, counts, loops)
    return f"Counted: {sentence(*pair)}." if all(each.per_step for each in pair) else ""


def _names(joined: str) -> list[str]:
    """Return the steps of a factor: several, as in 'cores and blocks' or 'cores to vectors', if rungs are missing."""
    names = list(REASONS)
    first, _, last = joined.partition(" to ")
    if last:
        # a ladder of the processors has no step of devices, and one from another language none of implementations
        elsewhere = {IMPLEMENTATION, *(STEPS[rung] for rung in DEVICE_RUNGS)}
        between = names[names.index(first) : names.index(last) + 1]
        return [name for name in between if name in (first, last) or name not in elsewhere]
    return joined.split(" and ")
