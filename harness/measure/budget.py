"""Reallocate the budget that kernels leave unused. Pure."""

from __future__ import annotations

from harness.measure.progress import KernelProgress
from harness.measure.schedule import MIN_ROUNDS_FOR_TARGET
from harness.model.config import Config

MAX_BUDGETS = 5
"""Maximum number of budgets that a kernel may take, however wide its interval is."""


def allocate_extra_rounds(progress: list[KernelProgress], config: Config) -> dict[str, int]:
    """Reallocate the unused budget: return the new round limit of each kernel that gets one more round.

    The baseline comes first until it has had MIN_ROUNDS_FOR_TARGET rounds, because its interval is part of every
    speed-up; then kernels whose order is undecided; then kernels with the widest intervals. Kernels whose order is
    undecided get their rounds together, so that the rounds can be compared. With --full there is no unused budget.
    """
    if config.full:
        return {}
    left_ns = _unused_ns(progress, config)
    by_name = {kernel.kernel: kernel for kernel in progress}
    granted: dict[str, int] = {}
    for kernel in _by_need(progress, config):
        names = (kernel.kernel, *kernel.undecided_against)
        group = [by_name[name] for name in names if name in by_name and name not in granted]
        cost_ns = sum(member.round_ns for member in group)
        if cost_ns > left_ns or any(_at_limit(member, config) for member in group):
            continue
        left_ns -= cost_ns
        granted |= {member.kernel: member.rounds + 1 for member in group}
    return granted


def _unused_ns(progress: list[KernelProgress], config: Config) -> float:
    """Return the budget that kernels left, less the extra rounds that it has already paid for, in ns."""
    budget_ns = config.budget_s * 1e9
    left_ns = sum(max(0.0, budget_ns - kernel.spent_ns) for kernel in progress)
    for kernel in progress:
        if kernel.rounds:
            # a slow kernel's first min_rounds may exceed its budget: they are its own, and nobody pays for them
            own_ns = max(budget_ns, min(kernel.rounds, config.min_rounds) * kernel.round_ns)
            left_ns -= max(0.0, kernel.spent_ns - own_ns)
    return left_ns


def _by_need(progress: list[KernelProgress], config: Config) -> list[KernelProgress]:
    """Return the kernels that more rounds would help, the neediest first."""
    needy = [
        kernel
        for kernel in progress
        if kernel.rounds and (kernel.half_width > config.target or kernel.undecided_against)
    ]
    return sorted(
        needy, key=lambda kernel: (not _first(kernel, config), not kernel.undecided_against, -kernel.half_width)
    )


def _first(kernel: KernelProgress, config: Config) -> bool:
    """Return whether the kernel is the baseline and has had few rounds."""
    return kernel.kernel == config.baseline and kernel.rounds < min(MIN_ROUNDS_FOR_TARGET, config.rounds)


def _at_limit(kernel: KernelProgress, config: Config) -> bool:
    """Return whether another round would exceed the kernel's limit. The first rounds of the baseline have none."""
    return not _first(kernel, config) and kernel.spent_ns + kernel.round_ns > MAX_BUDGETS * config.budget_s * 1e9
