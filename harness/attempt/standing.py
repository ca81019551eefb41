"""Find where a kernel stands among the rungs of a ladder: which to measure beside it, and which is next. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.analysis.estimate import Estimate
from harness.analysis.significance import significantly_slower
from harness.model.kernel import RUNGS, Kernel

NEAR = 1.5
"""Ratio of the pilots' times of two kernels below which either may be the faster one: a pilot on few rows can be wrong
by as much. Rungs so near are measured, and the next one too."""


@dataclass(frozen=True)
class Standing:
    """The rungs that were measured beside a kernel, slowest first.

    Those that are significantly slower, those that cannot be told from the kernel, and those that are significantly
    faster.
    """

    slower: tuple[Kernel, ...] = ()
    level: tuple[Kernel, ...] = ()
    faster: tuple[Kernel, ...] = ()

    @property
    def below(self) -> Kernel | None:
        """The fastest of the slower rungs."""
        return self.slower[-1] if self.slower else None

    @property
    def above(self) -> Kernel | None:
        """The slowest of the faster rungs."""
        return self.faster[0] if self.faster else None


def neighbours(own_ns: float, ladder_ns: Mapping[Kernel, float], like: Kernel) -> set[Kernel]:
    """Return the rungs to be measured beside a kernel, from predicted times of the whole product in ladder order.

    They are the next slower and the next faster one, and on each side all that are as near as NEAR; and the first after
    the rung `like` that is faster, whose idea comes next.
    """
    slowest_first = sorted(ladder_ns, key=lambda kernel: ladder_ns[kernel], reverse=True)
    slower = [kernel for kernel in slowest_first if ladder_ns[kernel] >= own_ns]
    faster = [kernel for kernel in slowest_first if ladder_ns[kernel] < own_ns]
    chosen: set[Kernel] = set()
    for side in (reversed(slower), iter(faster)):
        for kernel in side:
            chosen.add(kernel)
            if not 1 / NEAR < ladder_ns[kernel] / own_ns < NEAR:
                break
    ideas = [kernel for kernel in ladder_ns if _place(kernel) > _place(like) and NEAR * ladder_ns[kernel] < own_ns]
    return chosen | set(ideas[:1])


def standing_of(
    own: Estimate, ladder: Sequence[Kernel], estimates: Mapping[str, Estimate], confidence: float
) -> Standing:
    """Return where a kernel stands among those rungs of its ladder that have an estimate."""
    measured = sorted(
        (kernel for kernel in ladder if kernel.id in estimates), key=lambda kernel: -estimates[kernel.id].value_ns
    )
    slower = tuple(kernel for kernel in measured if significantly_slower(estimates[kernel.id], own, confidence))
    faster = tuple(kernel for kernel in measured if significantly_slower(own, estimates[kernel.id], confidence))
    return Standing(slower, tuple(k for k in measured if k not in slower and k not in faster), faster)


def next_rung(standing: Standing, like: Kernel, ladder: Sequence[Kernel], others: Sequence[Kernel]) -> Kernel | None:
    """Return the rung whose idea comes next, for a kernel that was built as the rung `like`.

    It is the first of the ladder after `like` that is faster. For a kernel that no rung surpasses, it is the one after
    the last rung, which may be one of `others`: another kind of code in the same language, or a kernel of C.
    """
    ideas = [kernel for kernel in standing.faster if _place(kernel) > _place(like)]
    if not ideas:
        # where only rungs before it are faster, the ladder goes on from its own
        last = _place(like) if standing.faster else max(map(_place, [like, *ladder]))
        ideas = [kernel for kernel in (*ladder, *others) if _place(kernel) > last]
    return min(ideas, key=_place, default=None)


def naive_of(ladder: Sequence[Kernel]) -> Kernel | None:
    """Return the rung naive of a ladder; of two kinds of code, that of the language itself."""
    return next((kernel for kernel in ladder if kernel.rung == RUNGS[0]), None)


def _place(kernel: Kernel) -> int:
    return RUNGS.index(kernel.rung)
