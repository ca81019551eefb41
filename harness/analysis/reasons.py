"""Say in a sentence why a kernel is faster than another: by instructions, misses and threads. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from harness.model.counts import Counts, PerStep, RunCounts
from harness.model.inner_loop import DOUBLE_BITS, InnerLoop, RunLoops
from harness.model.kernel import FMA_RUNGS, RUNGS
from harness.model.result import Row
from harness.util.format import significant

SAME = 0.05
"""Relative change up to which two figures are called the same: more than a loop's ends, less than any rung changes."""

FEW_MISSES = 1e-4
"""Misses a multiply-add below which a cache is said to miss almost never: even at 200 cycles each they cost nothing."""


@dataclass(frozen=True)
class Evidence:
    """What is known of a kernel: the time of a multiply-add in ns, its threads, counts and hottest loop.

    None stands for what is not known.
    """

    kernel: str
    threads: int
    step_ns: float | None = None
    estimated: bool = False
    counts: Counts | None = None
    loop: InnerLoop | None = None

    @property
    def per_step(self) -> PerStep | None:
        """The counted events a multiply-add."""
        return self.counts.per_step if self.counts else None

    @property
    def other_build(self) -> str:
        """The CPU of the build that was counted, where it is not the one that was timed; else empty."""
        return self.counts.how.build if self.counts and self.counts.how else ""

    @property
    def width(self) -> float:
        """The doubles that an instruction of the hottest loop computes; 0 if unknown, and for bytecode."""
        return self.loop.content.vector_bits / DOUBLE_BITS if self.loop else 0.0

    @property
    def per_load(self) -> float:
        """The multiply-adds of the hottest loop for each of its loads; 0 if unknown, and for bytecode."""
        if self.loop is None or not self.width:
            return 0.0
        loads = self.loop.content.loads + self.loop.content.broadcasts
        return self.loop.content.multiply_adds / loads if loads else 0.0

    @property
    def fits(self) -> bool:
        """Whether the matrices fitted into the last level when they were counted."""
        return bool(self.counts and self.counts.how and self.counts.how.fits)


@dataclass(frozen=True)
class Step:
    """A kernel beside the one that it is compared with; the sentence says what changed."""

    before: Evidence | None
    after: Evidence
    sentence: str = ""


def evidence_of(row: Row, counts: RunCounts, loops: RunLoops) -> Evidence:
    """Return what is known of a row's kernel."""
    step_ns = row.time.value * 1e9 / row.n**3 if row.time else None
    return Evidence(row.kernel, row.threads, step_ns, row.estimated, counts.of(row.kernel), loops.of(row.kernel))


def compared(before: Evidence, after: Evidence) -> Step:
    """Return two kernels with the sentence of what changed from the first to the second."""
    return Step(before, after, sentence(before, after))


def sentence(before: Evidence, after: Evidence) -> str:
    """Return what changed, as "interchange: the same 4 instructions a multiply-add, 1/16 of the misses; 0.4 ns instead
    of 2.1 ns".
    """
    name = after.kernel.partition("/")[2] if _language(before) == _language(after) else after.kernel
    changes = []
    for evidence in (before, after):
        if evidence.per_step is None:
            changes = [f"{evidence.kernel} was not counted: {_why_not(evidence)}"]
    if before.per_step and after.per_step:
        changes = [_instructions(before.per_step, after.per_step), *_misses(before, after)]
        if after.fits and not before.fits and after.counts and after.counts.how:
            changes.append(f"last-level misses unknown beyond n = {after.counts.how.n}")
    if before.threads != after.threads:
        changes.append(f"{_threads(after.threads)} instead of {before.threads}")
    small = f", counted at n = {after.counts.how.n}," if after.fits and after.counts and after.counts.how else ""
    why = "" if _explained(before, after) else f", for which these figures{small} show no reason"
    return f"{name}: {', '.join(changes)}{_builds(before, after)}{_in_loop(before, after)}{_time(before, after)}{why}"


def _in_loop(before: Evidence, after: Evidence) -> str:
    """Return what changed in the hottest loop, where both are known."""
    changes = []
    if before.width and after.width and before.width != after.width:
        changes.append(f"{_doubles(after)} doubles an instruction instead of {_doubles(before)}")
    if before.per_load and after.per_load and not alike(before.per_load, after.per_load):
        now, then = significant(after.per_load), significant(before.per_load)
        changes.append(f"{now} multiply-adds a load instead of {then}")
    if before.loop and after.loop and before.width and before.loop.content.stores and not after.loop.content.stores:
        changes.append("no stores")
    return f"; in the hottest loop {' and '.join(changes)}" if changes else ""


def _doubles(evidence: Evidence) -> str:
    """Return the width of the hottest loop's arithmetic: gcc multiplies pairs in c/naive, but adds one by one."""
    assert evidence.loop
    return f"{'' if evidence.loop.content.one_width else 'at most '}{evidence.width:.0f}"


def _explained(before: Evidence, after: Evidence) -> bool:
    """Return whether a kernel that is faster has fewer of something, or more threads, or a denser loop."""
    if not (before.step_ns and after.step_ns and before.per_step and after.per_step):
        return True
    if after.step_ns * after.threads >= (1 - SAME) * before.step_ns * before.threads:
        return True
    then, now = before.per_step, after.per_step
    fewer = [
        (then.instructions, now.instructions),
        (then.l1_misses, now.l1_misses),
        (then.ll_misses, now.ll_misses),
        (after.width, before.width),
        (after.per_load, before.per_load),
    ]
    return any(small < large and not alike(large, small) for large, small in fewer)


def _builds(before: Evidence, after: Evidence) -> str:
    """Return which of two counts are of another build than the timed one; empty if none is, or one has no counts."""
    others = [each for each in (before, after) if each.other_build]
    if not others or not (before.per_step and after.per_step):
        return ""
    which = "both" if len(others) == 2 else others[0].kernel
    return f" ({which} counted as built for {others[0].other_build})"


def _why_not(evidence: Evidence) -> str:
    return evidence.counts.reason if evidence.counts else "no counts are kept of it"


def _threads(threads: int) -> str:
    return f"{threads} thread{'s' if threads > 1 else ''}"


def _language(evidence: Evidence) -> str:
    return evidence.kernel.partition("/")[0]


def _instructions(before: PerStep, after: PerStep) -> str:
    now, then = significant(after.instructions), significant(before.instructions)
    if alike(before.instructions, after.instructions):
        return f"the same {now} instructions a multiply-add"
    return f"{now} instructions a multiply-add instead of {then}"


def _misses(before: Evidence, after: Evidence) -> list[str]:
    """Return the change of the misses of each level; the last level says nothing where the matrices fit into it."""
    assert before.per_step and after.per_step
    levels = {"L1": (before.per_step.l1_misses, after.per_step.l1_misses)}
    if not before.fits and not after.fits:
        levels["last-level"] = (before.per_step.ll_misses, after.per_step.ll_misses)
    shares = {level: _share(*both) for level, both in levels.items()}
    if len(shares) > 1 and len(set(shares.values())) == 1:
        return [f"{shares['L1']} misses"]
    return [f"{share} {level} misses" for level, share in shares.items()]


def _share(before: float, after: float) -> str:
    """Return how many misses are left, such as '1/16 of the', '3.1 times the', or 'the same'."""
    if before < FEW_MISSES and after < FEW_MISSES:
        return "still almost no"
    if after < FEW_MISSES:
        return "almost no"
    if before < FEW_MISSES:
        return "some"
    if alike(before, after):
        return "the same"
    ratio = after / before
    if ratio > 1:
        return f"{significant(ratio)} times the"
    return f"1/{round(1 / ratio)} of the" if ratio < 0.55 else f"{ratio:.0%} of the"


def _time(before: Evidence, after: Evidence) -> str:
    """Return the change of the time of a multiply-add, as the end of a sentence; empty without both times."""
    if before.step_ns is None or after.step_ns is None:
        return ""
    if alike(before.step_ns, after.step_ns):
        return f"; the same {significant(after.step_ns)} ns"
    return f"; {significant(after.step_ns)} ns instead of {significant(before.step_ns)} ns"


def alike(before: float, after: float) -> bool:
    """Return whether two figures differ by at most SAME."""
    return abs(after - before) <= SAME * max(before, after)


def ladders(rows: Iterable[Row], counts: RunCounts, loops: RunLoops) -> dict[str, list[Step]]:
    """Return the steps of each language's climb, by its name: each rung compared with the rung before.

    Variants, such as those compiled by Numba, climb by themselves. What is of no climb comes last, without a sentence.
    """
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in sorted(rows, key=lambda row: RUNGS.index(row.rung)):
        if row.time or counts.of(row.kernel):
            groups.setdefault((row.language_name, _suffix(row)), []).append(row)
    steps: dict[str, list[Step]] = {}
    for (language, suffix), ladder in sorted(groups.items(), key=lambda group: (len(group[1]) < 2, group[0][1] != "")):
        known = [evidence_of(row, counts, loops) for row in ladder]
        name = f"{language} ({suffix})" if suffix and len(ladder) > 1 else language
        own = [Step(None, known[0]), *(compared(*pair) for pair in pairwise(known))]
        steps.setdefault(name, []).extend(own)
    return steps


def rung_below(kernel: str, rows: Sequence[Row]) -> str | None:
    """Return the kernel of the highest rung below, of the same language and variant, or else of the language itself."""
    by_name = {row.kernel: row for row in rows}
    own = by_name[kernel]
    below = [row for row in rows if row.language == own.language and _is_below(row, own)]
    below.sort(key=lambda row: (_suffix(row) == _suffix(own), RUNGS.index(row.rung)))
    return below[-1].kernel if below else None


def _is_below(row: Row, own: Row) -> bool:
    """Return whether a row is a step on the way to `own`: a library follows the last of the FMA rungs."""
    return (
        row.rung in FMA_RUNGS
        and RUNGS.index(row.rung) < RUNGS.index(own.rung)
        and _suffix(row) in ("", _suffix(own))
        and bool(row.time)
    )


def _suffix(row: Row) -> str:
    return row.variant.removeprefix(row.rung).removeprefix("-")
