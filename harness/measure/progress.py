"""Summarise each kernel's progress from its samples: time spent, precision, and undecided order. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from harness.analysis.estimate import Estimate
from harness.analysis.intervals import interval
from harness.analysis.rows import summary_of
from harness.analysis.significance import significantly_slower
from harness.model.config import Config
from harness.model.kernel import Kernel
from harness.model.sample import Sample, spent_ns

DECIDED_CONFIDENCE = 0.999
"""Confidence at which the order of two kernels is decided, so that no more time is spent on it. It is higher than the
confidence of the report, because a test that is repeated until it is significant is significant too often."""


@dataclass(frozen=True)
class KernelProgress:
    """The rounds that a kernel has had, their time, the precision of its time, and its undecided order.

    `half_width` is relative to the time. `undecided_against` are the kernels of its class next to it in order from
    which its time does not differ significantly.
    """

    kernel: str
    rounds: int
    spent_ns: int
    half_width: float
    undecided_against: tuple[str, ...] = ()

    @property
    def round_ns(self) -> float:
        """The time that another round will take, in ns."""
        return self.spent_ns / self.rounds if self.rounds else math.inf


def kernel_progress(
    kernels: list[Kernel], samples_of: Callable[[str], list[Sample]], config: Config
) -> list[KernelProgress]:
    """Return the progress of each kernel, from which the unused budget can be reallocated."""
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
            if not significantly_slower(estimates[slower], estimates[faster], DECIDED_CONFIDENCE):
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


def half_width(samples: list[Sample], config: Config) -> float:
    """Return the relative half width of the interval of the samples' time; infinity if they have no interval yet."""
    return _half_width(summary_of(samples, config), config)


def _half_width(estimate: Estimate | None, config: Config) -> float:
    bounds = interval(estimate, config.confidence) if estimate else None
    return bounds.half_width if bounds else math.inf
