"""Reallocate the time that kernels leave of their budgets. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from harness.analysis.estimate import Estimate
from harness.analysis.intervals import interval
from harness.analysis.rows import summary_of
from harness.analysis.significance import significantly_slower
from harness.measure.schedule import MIN_ROUNDS
from harness.model.config import Config
from harness.model.kernel import Kernel
from harness.model.sample import Sample, spent_ns

DECIDED = 0.999
"""How sure the order of two kernels must be for no more time to be spent on it. Not the confidence that it is reported
with: a test that is repeated until it says yes says yes too often."""


def half_width(samples: list[Sample], config: Config) -> float:
    """The relative half width of the interval of what was measured so far; infinite while there is none."""
    return _half_width(summary_of(samples, config), config)


def _half_width(estimate: Estimate | None, config: Config) -> float:
    found = interval(estimate, config.confidence) if estimate else None
    return found.half_width if found else float("inf")


def kernel_progress(
    kernels: list[Kernel], samples_of: Callable[[str], list[Sample]], config: Config
) -> list[KernelProgress]:
    """Where kernels stand, for what is left of the time: how wide their intervals are, and whose order is open."""
    samples = {kernel.id: samples_of(kernel.id) for kernel in kernels}
    estimates = {name: estimate for name in samples if (estimate := summary_of(samples[name], config)) is not None}
    classes: dict[str, list[str]] = {}
    for kernel in kernels:
        if kernel.id in estimates:
            classes.setdefault(kernel.category_of(config.threads), []).append(kernel.id)
    undecided_against: dict[str, list[str]] = {}
    for members in classes.values():
        members.sort(key=lambda name: estimates[name].value_ns)
        for faster, slower in pairwise(members):
            if not significantly_slower(estimates[slower], estimates[faster], DECIDED):
                undecided_against.setdefault(faster, []).append(slower)
                undecided_against.setdefault(slower, []).append(faster)
    return [
        KernelProgress(
            kernel.id,
            estimates[kernel.id].launches if kernel.id in estimates else 0,
            spent_ns(samples[kernel.id]),
            _half_width(estimates.get(kernel.id), config),
            tuple(undecided_against.get(kernel.id, ())),
        )
        for kernel in kernels
    ]


@dataclass(frozen=True)
class KernelProgress:
    """What a kernel's rounds took so far, how precise its time is, and which order is open.

    `half_width` is relative. `undecided_against` are the kernels of its category from which it cannot be told apart,
    and which are not called equal to it either.
    """

    kernel: str
    rounds: int
    spent_ns: int
    half_width: float
    undecided_against: tuple[str, ...] = ()

    @property
    def round_ns(self) -> float:
        """What another round will take."""
        return self.spent_ns / self.rounds if self.rounds else math.inf


MAX_BUDGETS = 5
"""No kernel takes more than so many budgets, however wide its interval is."""


def allocate_extra_rounds(progress: list[KernelProgress], config: Config) -> dict[str, int]:
    """Reallocate the unused budget: return the new round limit of each kernel that gets one more round.

    The baseline comes first while it has had fewer than MIN_ROUNDS, since its interval is in every speed-up; then
    kernels whose order is open, then those with the widest intervals. All of them are launched in one round, so that
    kernels whose order is open take turns. With --full there is no unused budget.
    """
    budget_ns = config.budget_s * 1e9
    saved = sum(max(0.0, budget_ns - one.spent_ns) for one in progress)
    # what a kernel took beyond its budget or, if it is slow, its least number of rounds was granted before
    own_ns = {
        one.kernel: max(budget_ns, min(one.rounds, config.min_rounds) * one.round_ns) for one in progress if one.rounds
    }
    left = saved - sum(max(0.0, one.spent_ns - own_ns[one.kernel]) for one in progress if one.rounds)
    by_name = {one.kernel: one for one in progress}
    wanting = [one for one in progress if one.rounds and (one.half_width > config.target or one.undecided_against)]
    chosen: dict[str, int] = {}

    def first(one: KernelProgress) -> bool:
        return one.kernel == config.baseline and one.rounds < min(MIN_ROUNDS, config.rounds)

    def enough(one: KernelProgress) -> bool:
        return not first(one) and one.spent_ns + one.round_ns > MAX_BUDGETS * budget_ns

    for one in sorted(wanting, key=lambda one: (not first(one), not one.undecided_against, -one.half_width)):
        group = [
            by_name[name] for name in (one.kernel, *one.undecided_against) if name in by_name and name not in chosen
        ]
        cost = sum(member.round_ns for member in group)
        if cost > left or any(enough(member) for member in group):
            continue
        left -= cost
        chosen |= {member.kernel: member.rounds + 1 for member in group}
    return {} if config.full else chosen
