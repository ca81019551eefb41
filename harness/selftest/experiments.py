"""The experiments. Each yields its cases as they come; what they add up to is for harness.selftest.summary."""

from __future__ import annotations

import contextlib
import math
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from harness.analysis.compare import Pair, Verdict, drift, judge
from harness.analysis.estimate import Estimate
from harness.analysis.findings import disturbances
from harness.analysis.intervals import interval
from harness.analysis.significance import significantly_slower
from harness.model.config import Backend, Config
from harness.model.errors import HarnessError
from harness.model.sample import Purpose, Sample, launches_in
from harness.prepare.build import home_of
from harness.selftest.bench import Bench, bench
from harness.selftest.hyperfine import beside_hyperfine
from harness.selftest.kernels import KINDS, PER_MILLE, N, variant, write_kernels
from harness.util.console import Console

ALARM_N = 512

ALARM_BUDGET_S = 0.3

ALARM_LANGUAGES = ("c/*", "go/*", "rust/*")

ESTIMATE_SIZES = (1024, 2048)
"""Where the default budget takes rows of slow kernels, and the whole can still be waited for."""

SLOW = ("*/naive", "*/naive-*", "python/interchange")

SLOWEST = ("python/naive", "python/interchange")
"""Whole at n = 1024 only: at 2048 each takes ten minutes."""


@dataclass(frozen=True)
class Case:
    """One trial: `found` tells that a difference was called, `said` that a finding named the disturbance.

    `per_mille` is the extra work, 0 for equal kernels; `error` is an estimate by the whole, less 1, and `apart` by how
    much the whole products before and after it differ.
    """

    experiment: str
    kernel: str
    per_mille: int = 0
    found: bool = False
    said: bool = False
    error: float = 0.0
    covered: bool = False
    apart: float = 0.0


def alarms(config: Config, repetitions: int, console: Console) -> Iterator[Case]:
    """Runs of the same kernels, one after the other: each compared with the one before it, as `compare` does."""
    config = replace(config, n=ALARM_N, budget_s=ALARM_BUDGET_S)
    with bench(config, ALARM_LANGUAGES, console) as ready:
        before: dict[str, list[Sample]] = {}
        for turn in range(repetitions + 1):
            console.status(f"  alarms: run {turn + 1} of {repetitions + 1}")
            after = ready.measure(list(ready.kernels))
            if before:
                pairs = [
                    Pair(
                        kernel,
                        ready.estimate(before[kernel], seed=turn),
                        ready.estimate(after[kernel], seed=turn + 1),
                        same_code=True,
                    )
                    for kernel in ready.kernels
                ]
                for found in judge(pairs, drift(before, after))[1]:
                    yield Case(
                        "alarms",
                        found.kernel,
                        found=found.verdict != Verdict.SAME,
                        error=(found.ratio.value if found.ratio else 1.0) - 1,
                    )
            before = after


def detection(config: Config, trials: int, console: Console, loaded: bool = False) -> Iterator[Case]:
    """A kernel beside one that does a known share more, in one run of default budgets, for each kind of kernel.

    With `loaded`, one processor is busy with something else half of the time, and only equal kernels are tried.
    """
    with _slowed(config, console) as ready:
        chance = random.Random(config.seed)
        shares = (0,) if loaded else PER_MILLE
        for trial in range(trials):
            for kind, kernel in chance.sample(sorted(KINDS.items()), len(KINDS)):
                for share in chance.sample(shares, len(shares)):
                    pair = [kernel, variant(kernel, share)]
                    if any(name in ready.missing for name in pair):
                        continue
                    console.status(f"  {'noise' if loaded else 'detection'}: trial {trial + 1} of {trials}, {pair[1]}")
                    with _half_busy(loaded):
                        samples = ready.measure(pair)
                    plain, slowed = (ready.estimate(samples[name]) for name in pair)
                    called = significantly_slower(slowed, plain, config.confidence)
                    called |= share == 0 and significantly_slower(plain, slowed, config.confidence)
                    said = any(_disturbed(samples[name], ready, name) for name in pair)
                    yield Case("noise" if loaded else "detection", kind, share, called, said)


def hyperfine(config: Config, trials: int, console: Console) -> Iterator[Case]:
    """The same pairs of the single-thread kernel, given to hyperfine with the same total time. Raises HarnessError."""
    if not shutil.which("hyperfine"):
        raise HarnessError("hyperfine is not installed (apt-get install hyperfine)")
    with _slowed(config, console) as ready:
        if ready.executor.name != Backend.NATIVE:
            raise HarnessError("hyperfine runs on the machine itself: --backend native")
        chance, kernel = random.Random(config.seed), KINDS["single"]
        inputs = ready.inputs(N)
        for trial in range(trials):
            for share in chance.sample(PER_MILLE, len(PER_MILLE)):
                console.status(f"  hyperfine: trial {trial + 1} of {trials}, {share / 10}%")
                programs = [
                    home_of(ready.kernels[name], ready.executor, ready.config.build_dir) / "artefact" / "out"
                    for name in (kernel, variant(kernel, share))
                ]
                arguments = [str(inputs.a), str(inputs.b), str(ready.folder / "c"), str(N), str(N), "1"]
                found = beside_hyperfine(programs, arguments, 2 * config.budget_s, ready.folder)
                yield Case("hyperfine", "single", share, found > 0 or (share == 0 and found < 0))


def estimates(config: Config, trials: int, console: Console) -> Iterator[Case]:
    """Slow kernels estimated from rows, in turns as in a run, each held against whole products before and after it.

    A machine whose speed drifts takes longer for one of two equal products: held against the one that follows, that
    would be taken for an error of the estimate.
    """
    for n in ESTIMATE_SIZES:
        with bench(replace(config, n=n, threads=1), SLOW, console) as ready:
            names = [name for name in ready.kernels if n == 1024 or name not in SLOWEST]
            before: dict[str, float] = {}
            for trial in range(1 + (trials if n == 1024 else math.ceil(trials / 3))):
                console.status(f"  estimates: n = {n}, trial {trial}, rows")
                samples = ready.measure(names) if before else {}
                after = {}
                for name in random.Random(f"{config.seed} {trial}").sample(names, len(names)):
                    console.status(f"  estimates: n = {n}, trial {trial}, {name}")
                    after[name] = ready.whole(name)
                for name in samples:
                    estimate = ready.estimate(samples[name])
                    if estimate.estimated:  # else it was fast enough to be measured whole
                        yield beside(estimate, (before[name], after[name]), f"{name}, n = {n}", config)
                before = after


def beside(estimate: Estimate, wholes: tuple[float, float], kernel: str, config: Config) -> Case:
    """An estimate held against the (geometric) mean of the whole products before and after it, in ns."""
    whole = math.sqrt(wholes[0] * wholes[1])
    found = interval(estimate, config.confidence)
    return Case(
        "estimates",
        kernel,
        error=estimate.value_ns / whole - 1,
        covered=found is not None and found.low <= whole <= found.high,
        apart=max(wholes) / min(wholes) - 1,
    )


@contextlib.contextmanager
def _slowed(config: Config, console: Console) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="60000x-selftest-") as folder:
        write_kernels(Path(folder), config.kernels_dir)
        build_dir = config.build_dir / "selftest"  # kernels of the same names as the project's
        settings = replace(config, n=N, kernels_dir=Path(folder), build_dir=build_dir)
        with bench(settings, (), console) as ready:
            yield ready


def _disturbed(samples: list[Sample], ready: Bench, name: str) -> bool:
    measured = [launch[0] for launch in launches_in(samples, Purpose.MEASURE).values()]
    return bool(disturbances(name, ready.kernels[name].threads_of(ready.config.threads), measured))


_LOAD = """
import os, time
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
while True:
    end = time.perf_counter() + 0.05
    while time.perf_counter() < end: pass
    time.sleep(0.05)
"""


@contextlib.contextmanager
def _half_busy(wanted: bool) -> Iterator[None]:
    """One processor busy half of the time, with another process."""
    if not wanted:
        yield
        return
    with subprocess.Popen([sys.executable, "-c", _LOAD]) as process:
        try:
            yield
        finally:
            process.kill()
