"""How well do estimates hold? The same kernels estimated from rows and measured whole, in turns, in one run."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from harness import host
from harness.build import home_of
from harness.config import load_config
from harness.console import Console
from harness.execute.native import NativeExecutor
from harness.inputs import Inputs, prepare
from harness.kernels import load_kernels, select
from harness.launching import Launch, launch_all
from harness.lock import host_lock
from harness.model import Config, Folders, HarnessError, Kernel, Problem
from harness.schedule import LEVEL_RATIO
from harness.scratch import fresh, scratch
from harness.stages import Prepared, build_all, check_all, provide
from harness.stats import Estimate, ratio, whole_from_rows
from harness.verify import Mismatch, digest
from harness.verify import compare as compare_output

KERNELS = ("c/naive", "java/naive", "go/naive")
ROUNDS = {1024: 9, 2048: 3}
ROWS = {1024: 256, 2048: 64}
"""The larger number of rows, by n: what the default budget takes for kernels as slow as these."""


@dataclass(frozen=True)
class Compared:
    """A kernel both ways: medians, and the median of the rounds' ratios of estimate to whole with its interval."""

    kernel: str
    n: int
    few: int
    many: int
    estimate_s: float
    whole_s: float
    ratio: float
    low: float
    high: float
    spread: float
    rounds: int


def compare(quick: bool) -> Iterator[Compared]:
    """Measure each of KERNELS at each n; in every round, rows and the whole follow each other in random order."""
    config = replace(load_config(), backend="native", threads=1)
    kernels = select(load_kernels(config.kernels_dir), KERNELS)
    executor, prepared, cpus = NativeExecutor(config.build_dir), Prepared(), host.usable_cpus(1)

    console = Console()
    with host_lock(), scratch(2**28, config.build_dir / "scratch") as folder:
        provide(kernels, executor, prepared, console)
        build_all(kernels, executor, config, prepared, console)
        check_all(kernels, executor, config, prepared, folder, cpus, console)
        for n, rounds in ROUNDS.items():
            inputs = prepare(n, config.seed, config.build_dir)
            times: dict[str, list[tuple[float, float]]] = {kernel.id: [] for kernel in kernels}
            for turn in range(3 if quick else rounds):
                chance = random.Random(f"{config.seed} {n} {turn}")
                for kernel in chance.sample(kernels, len(kernels)):
                    console.line(f"  n = {n}, round {turn + 1}: {kernel.id}")
                    times[kernel.id].append(_round(kernel, n, executor, inputs, config, folder, cpus, chance))
            for kernel in kernels:
                yield _compared(kernel.id, n, times[kernel.id], config)


def _levels(n: int) -> tuple[int, int]:
    return ROWS[n] // LEVEL_RATIO, ROWS[n]


def _round(
    kernel: Kernel,
    n: int,
    executor: NativeExecutor,
    inputs: Inputs,
    config: Config,
    folder,
    cpus,
    chance: random.Random,
) -> tuple[float, float]:
    """One estimate and one whole time, in ns, every output verified."""
    few, many = _levels(n)
    orders = [[few, many], [n]]
    chance.shuffle(orders)
    taken: dict[int, int] = {}
    for rows in [rows for part in orders for rows in part]:
        artefact = home_of(kernel, executor, config.build_dir) / "artefact"
        folders = Folders(kernel.folder, artefact, inputs.folder, fresh(folder, "work"))
        [outcome] = launch_all(kernel, executor, folders, [Launch(Problem(n, rows), 1, 1)], 3600, cpus)
        expected = inputs.expected(Problem(n, rows))
        verdict = outcome.reason or compare_output(outcome.output, expected, digest(expected))
        if outcome.reason or isinstance(verdict, Mismatch):
            raise HarnessError(f"{kernel.id}: {verdict}")
        taken[rows] = outcome.times_ns[0]
    return whole_from_rows(n, few, taken[few], many, taken[many]), float(taken[n])


def _compared(kernel: str, n: int, times: list[tuple[float, float]], config: Config) -> Compared:
    estimates, wholes = np.array(times).T
    ratios = estimates / wholes
    chosen = np.random.default_rng(config.seed).integers(0, len(ratios), (config.resamples, len(ratios)))
    one = Estimate(1.0, np.ones(config.resamples), len(ratios), 0, 1.0, n, False)
    both = Estimate(float(np.median(ratios)), np.median(ratios[chosen], axis=1), len(ratios), 0, 0.0, n, False)
    value, found = ratio(both, one, config.confidence)
    assert found
    return Compared(
        kernel=kernel,
        n=n,
        few=_levels(n)[0],
        many=_levels(n)[1],
        estimate_s=float(np.median(estimates)) / 1e9,
        whole_s=float(np.median(wholes)) / 1e9,
        ratio=value,
        low=found.low,
        high=found.high,
        spread=float((wholes.max() - wholes.min()) / np.median(wholes)),
        rounds=len(times),
    )
