"""Experiment on estimates: estimate slow kernels from rows, and measure whole products in the same rounds."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

from harness.analysis.estimate import estimate_time
from harness.analysis.intervals import ratio
from harness.measure.effort import SCALES
from harness.measure.mode import Mode, mode_of
from harness.measure.schedule import measuring_steps
from harness.model.config import Config
from harness.model.kernel import Kernel
from harness.model.sample import Sample, Step
from harness.selftest.bench import Bench, bench
from harness.selftest.case import Case
from harness.util.console import Console

SIZES = (1024, 2048)
"""Sizes at which a whole product of most naive kernels takes about a minute at most."""

SLOW = ("*/naive", "*/interchange")

SLOWEST = ("python/naive", "python/interchange")
"""Kernels that are measured whole at n = 1024 only, and in the first trial only: at 2048 a product takes ten
minutes."""

LARGE_EVERY = {"interchange": 3, "naive": 12}
"""Every which trial measures the larger size, too, by rung: with naive, a trial of it takes half an hour, and without
five minutes."""

ROUNDS = 12
"""Rounds of an estimate, as in a default run."""

WHOLE_ROUNDS = (2, 4, 6, 8, 10, 12)
"""The rounds in which a whole product is measured beside the rows: as many as a ratio round by round needs."""

LONG_WHOLE_NS = 20e9
"""Time of a whole product, in ns, from which on it is computed once a launch."""


def estimates(config: Config, trials: int, console: Console) -> Iterator[Case]:
    """Yield a case for each kernel, size and trial: the estimate from rows beside whole products of the same rounds.

    A case is covered if the interval of the estimate divided by the whole product, round by round as between any two
    kernels, holds 1. That holds for an honest estimate however noisy the machine is. Whole products before and after
    the run would not do, nor the whole products of a few rounds beside the rows of all: a slow spell that lasts a round
    would fall on one side alone.
    """
    for n in SIZES:
        with bench(replace(config, n=n, threads=1, rounds=ROUNDS), SLOW, console) as ready:
            for trial in range(trials):
                kernels = [kernel for kernel in ready.kernels.values() if _in_trial(kernel, n, trial)]

                def say(what: str, where: str = f"n = {n}, trial {trial + 1} of {trials}") -> None:
                    console.status(f"  estimates: {where}, {what}")

                for name, samples in _rows_beside_wholes(ready, kernels, trial, say).items():
                    if case := case_of(samples, n, f"{name}, n = {n}", config.confidence):
                        yield case


def _in_trial(kernel: Kernel, n: int, trial: int) -> bool:
    if kernel.id in SLOWEST:
        return n == SIZES[0] and trial == 0
    return n == SIZES[0] or (trial + 1) % LARGE_EVERY[kernel.rung] == 0


def _rows_beside_wholes(
    ready: Bench, kernels: list[Kernel], trial: int, say: Callable[[str], None]
) -> dict[str, list[Sample]]:
    """Measure kernels by rows in every round, and whole in some rounds, in an order by chance; return their samples.

    Kernels take turns within a round, as in a run. With all rounds of a kernel one after the other, several rounds
    would fall into one slow spell of the machine, and the interval would be too narrow. A kernel that is so fast at
    this size that it is not estimated is left out.
    """
    config = replace(ready.config, seed=ready.config.seed + trial)
    modes: list[tuple[Kernel, Mode, Mode]] = []
    for kernel in kernels:
        say(f"pilots, {kernel.id}")
        pace = ready.pace(kernel)
        rows = mode_of(pace, kernel.rung, config.n, 1, 0.0, SCALES[config.effort])
        if rows.rows != (config.n,):
            modes.append((kernel, rows, Mode((config.n,), 1 if pace.row_ns * config.n > LONG_WHOLE_NS else 2)))

    def launches() -> Iterator[tuple[int, Kernel, Step]]:
        for number in range(1, ROUNDS + 1):
            chance = random.Random(f"{config.seed} {number} whole")
            for kernel, rows, whole in chance.sample(modes, len(modes)):
                say(f"round {number} of {ROUNDS}, {kernel.id}")
                steps = measuring_steps(kernel, (), rows, number, config)
                if number in WHOLE_ROUNDS:
                    steps += measuring_steps(kernel, (), whole, number, config)
                yield from ((number, kernel, step) for step in chance.sample(steps, len(steps)))

    return ready.launch(launches())


def case_of(samples: list[Sample], n: int, kernel: str, confidence: float) -> Case | None:
    """Compare the estimate from rows with the whole products among the samples; None without an estimate."""
    whole = estimate_time([sample for sample in samples if sample.rows == n], n)
    estimate = estimate_time([sample for sample in samples if sample.rows < n], n)
    if whole is None or estimate is None:
        return None
    value, interval = ratio(estimate, whole, confidence)
    if interval is None:
        return None
    return Case(
        "estimates",
        kernel,
        error=value - 1,
        covered=interval.low <= 1 <= interval.high,
        half_width=interval.half_width,
    )
