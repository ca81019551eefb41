"""Say what limits a tried kernel: by its hottest loop, its cache misses and its threads. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from harness.model.counts import BYTES_PER_VALUE, Counts
from harness.model.inner_loop import DOUBLE_BITS, FoundBy, InnerLoop, LoopContent
from harness.model.job import Absent
from harness.util.format import percent, significant

MIN_MISSES = 0.02
"""Misses a multiply-add from which on they are told: below it, they cost less than the multiply-add itself."""

MOST = 0.5
"""Share of the samples below which the hottest loop is not where most of the time goes."""


@dataclass(frozen=True)
class Inspected:
    """The hottest loop of a kernel, and the counts of whole products, or why either is missing."""

    loop: InnerLoop | Absent
    counts: Counts | Absent


def limit_of(inspected: Inspected, threads: int, all_threads: int) -> str:
    """Return what limits a kernel that has so many of all threads, in one sentence."""
    found = [*_loop(inspected.loop), *_counted(inspected)]
    if not found:
        return f"Limit: not known: {_why_not(inspected)}."
    fewer = [f"it has {threads} of {all_threads} threads"] if threads < all_threads else []
    return f"Limit: {'; '.join([*found, *fewer])}."


def _loop(loop: InnerLoop | Absent) -> list[str]:
    if isinstance(loop, Absent):
        return []
    if loop.found_by == FoundBy.TRACE:
        return [f"it is interpreted: {loop.sentence}"]
    share = loop.found / loop.total
    where = f", with {percent(share)} of the time," if share < MOST else ""
    return [f"its hottest loop{where} {_character(loop.content)}: {loop.sentence}"]


def _character(content: LoopContent) -> str:
    """Return what a loop of machine code lacks: what comes first costs most."""
    arithmetic = content.fmas + content.multiplications
    if not content.multiply_adds:
        return "multiplies nothing"
    if content.vector_bits <= DOUBLE_BITS:
        return "has no vectors"
    if content.spills:
        return "has too few registers"
    if content.loads + content.broadcasts >= arithmetic:
        return "reads as often as it multiplies"
    return "multiplies more often than it reads"


def _counted(inspected: Inspected) -> list[str]:
    """Return the instructions, where no loop shows them, and the misses; a matrix that fits into L1 has none."""
    counts = inspected.counts
    if isinstance(counts, Absent) or counts.per_step is None or counts.how is None:
        return []
    how, per_step = counts.how, counts.per_step
    parts = []
    if isinstance(inspected.loop, Absent):
        parts.append(f"{significant(per_step.instructions)} instructions a multiply-add")
    if BYTES_PER_VALUE * how.n**2 > how.caches.first_data.size_bytes and per_step.l1_misses >= MIN_MISSES:
        parts.append(f"{significant(per_step.l1_misses)} L1 misses a multiply-add")
    if not how.fits and per_step.ll_misses >= MIN_MISSES:
        parts.append(f"{significant(per_step.ll_misses)} last-level misses")
    build = f", in a build for {how.build}" if how.build else ""
    return [f"{', '.join(parts)} (counted at n = {how.n}{build})"] if parts else []


def _why_not(inspected: Inspected) -> str:
    counts = inspected.counts
    reasons = [inspected.loop.reason] if isinstance(inspected.loop, Absent) else []
    reasons += [counts.reason] if counts.reason else []
    return "; ".join(reasons)
