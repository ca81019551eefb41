"""Experiment on the headline: measure its kernels again and again, and compare each answer with the next."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from harness.analysis.answer import answer_of
from harness.analysis.estimate import Estimate, estimates_of
from harness.analysis.intervals import MIN_COMMON_ROUNDS, welch
from harness.analysis.rows import rows_of
from harness.model.config import LEADING_ROUNDS, Config, Effort
from harness.selftest.bench import bench
from harness.selftest.case import Case
from harness.util.console import Console

KERNELS = ("python/naive", "*/packed")
"""The baseline, and the kernels that may be the fast side."""

N = 2048
"""Size of the matrices: a run takes two minutes, and there are many."""


def headlines(config: Config, trials: int, console: Console) -> Iterator[Case]:
    """Yield a case for each run after the first: its speed-up divided by that of the run before.

    `covered` tells whether the interval of that quotient holds 1; `half_width` is that of the speed-up of the run.
    """
    settings = replace(config, n=N, effort=Effort.DEFAULT, rounds=LEADING_ROUNDS[Effort.DEFAULT])
    with bench(settings, KERNELS, console) as ready:
        before: dict[int, float] = {}
        for run in range(trials + 1):
            console.status(f"  headlines: run {run + 1} of {trials + 1}")
            samples = ready.measure(list(ready.kernels))
            estimates = estimates_of(samples, N)
            rows = rows_of(list(ready.kernels.values()), samples, estimates, settings)
            answer = answer_of(rows, estimates, settings)
            if answer.baseline is None or answer.fastest is None or answer.precision is None:
                console.line(f"  run {run + 1} has no headline: {answer.why_not}")
                continue
            by_round = _speedups(estimates[answer.baseline.kernel], estimates[answer.fastest.kernel])
            if before:
                yield case_of(before, by_round, answer.precision.half_width, answer.fastest.kernel, config.confidence)
            before = by_round


def _speedups(slow: Estimate, fast: Estimate) -> dict[int, float]:
    return {number: slow.by_round[number] / fast.by_round[number] for number in slow.by_round.keys() & fast.by_round}


def case_of(
    before: dict[int, float], after: dict[int, float], half_width: float, kernel: str, confidence: float
) -> Case:
    """Compare the speed-ups of two runs, by round; the interval of their quotient is Welch's."""
    logs = [[math.log(value) for value in run.values()] for run in (after, before)]
    difference = welch(logs[0], logs[1])
    assert difference is not None and min(map(len, logs)) >= MIN_COMMON_ROUNDS
    low, high = difference.interval(confidence)
    return Case(
        "headlines", kernel, error=math.expm1(difference.value), covered=low <= 0 <= high, half_width=half_width
    )
