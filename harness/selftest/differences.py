"""Experiments on differences: false alarms, and how small a difference is found, also under noise."""

from __future__ import annotations

import contextlib
import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from harness.analysis.compare import Pair, Verdict, judge
from harness.analysis.findings import disturbances
from harness.analysis.intervals import ratio
from harness.analysis.run_to_run import drift
from harness.analysis.significance import significantly_slower
from harness.model.config import Backend, Config, Effort
from harness.model.errors import HarnessError
from harness.model.sample import Purpose, Sample, launches_in
from harness.prepare.build import home_of
from harness.selftest.bench import Bench, bench
from harness.selftest.case import Case
from harness.selftest.hyperfine import beside_hyperfine
from harness.selftest.kernels import KINDS, PER_MILLE, N, variant, write_kernels
from harness.selftest.load import half_busy
from harness.util.console import Console

ALARM_N = 512
"""Size of the matrices in the experiment on false alarms: small, so that a run is short."""

ALARM_ROUNDS = 6
"""Rounds of a run in the experiment on false alarms: few, since each trial is a run of all kernels."""

PAIRS = 50
"""Rounds of the experiment on detection: launches of 0.2 s, each beside one of the other kernel."""

LOADED_ROUNDS = 12
"""Rounds under noise, where equal kernels are measured: as many as the headline has."""

ALARM_LANGUAGES = ("c/*", "go/*", "rust/*")
"""Kernels of the experiment on false alarms: compiled languages, whose launches start in milliseconds."""


def alarms(config: Config, repetitions: int, console: Console) -> Iterator[Case]:
    """Measure the same kernels in consecutive runs, and compare each run with the one before it, as `compare` does."""
    config = replace(config, n=ALARM_N, effort=Effort.QUICK, rounds=ALARM_ROUNDS)
    with bench(config, ALARM_LANGUAGES, console) as ready:
        before: dict[str, list[Sample]] = {}
        for run in range(repetitions + 1):
            console.status(f"  alarms: run {run + 1} of {repetitions + 1}")
            after = ready.measure(list(ready.kernels))
            if before:
                pairs = [
                    Pair(kernel, ready.estimate(before[kernel]), ready.estimate(after[kernel]), same_code=True)
                    for kernel in ready.kernels
                ]
                for found in judge(pairs, drift(before, after))[1]:
                    yield Case(
                        "alarms",
                        found.kernel,
                        different=found.verdict != Verdict.SAME,
                        error=(found.ratio.value if found.ratio else 1.0) - 1,
                    )
            before = after


def detection(config: Config, trials: int, console: Console, loaded: bool = False) -> Iterator[Case]:
    """Measure a kernel and a variant with extra work in one run of PAIRS rounds, for each kind of kernel.

    With `loaded`, another process keeps one processor busy half of the time, and only equal kernels are measured.
    """
    with _slowed(replace(config, effort=Effort.QUICK, rounds=LOADED_ROUNDS if loaded else PAIRS), console) as ready:
        generator = random.Random(config.seed)
        amounts = (0,) if loaded else PER_MILLE
        for trial in range(trials):
            for kind, kernel in generator.sample(sorted(KINDS.items()), len(KINDS)):
                for per_mille in generator.sample(amounts, len(amounts)):
                    pair = [kernel, variant(kernel, per_mille)]
                    if any(name in ready.missing for name in pair):
                        continue
                    console.status(f"  {'noise' if loaded else 'detection'}: trial {trial + 1} of {trials}, {pair[1]}")
                    with half_busy() if loaded else contextlib.nullcontext():
                        samples = ready.measure(pair)
                    plain, slowed = (ready.estimate(samples[name]) for name in pair)
                    different = significantly_slower(slowed, plain, config.confidence)
                    different |= per_mille == 0 and significantly_slower(plain, slowed, config.confidence)
                    disturbed = any(_disturbed(samples[name], ready, name) for name in pair)
                    bounds = ratio(slowed, plain, config.confidence)[1]
                    yield Case(
                        "noise" if loaded else "detection",
                        kind,
                        per_mille,
                        different,
                        disturbed,
                        half_width=bounds.half_width if bounds else 0.0,
                    )


def hyperfine(config: Config, trials: int, console: Console) -> Iterator[Case]:
    """Compare pairs of the single-thread kernel with hyperfine, in the same total time. Raises HarnessError."""
    if not shutil.which("hyperfine"):
        raise HarnessError("hyperfine is not installed (apt-get install hyperfine)")
    with _slowed(config, console) as ready:
        if ready.executor.name != Backend.NATIVE:
            raise HarnessError("hyperfine runs on the machine itself: --backend native")
        generator, kernel = random.Random(config.seed), KINDS["single"]
        inputs = ready.inputs(N)
        for trial in range(trials):
            for per_mille in generator.sample(PER_MILLE, len(PER_MILLE)):
                console.status(f"  hyperfine: trial {trial + 1} of {trials}, {per_mille / 10}%")
                programs = [
                    home_of(ready.kernels[name], ready.executor, ready.config.build_dir) / "artefact" / "out"
                    for name in (kernel, variant(kernel, per_mille))
                ]
                arguments = [str(inputs.a), str(inputs.b), str(ready.folder / "c"), str(N), str(N), "1"]
                sign = beside_hyperfine(programs, arguments, PAIRS, ready.folder)
                yield Case("hyperfine", "single", per_mille, sign > 0 or (per_mille == 0 and sign < 0))


@contextlib.contextmanager
def _slowed(config: Config, console: Console) -> Iterator[Bench]:
    """Build the kernels with extra work."""
    with tempfile.TemporaryDirectory(prefix="60000x-selftest-") as folder:
        write_kernels(Path(folder), config.kernels_dir)
        build_dir = config.build_dir / "selftest"  # its kernels have the same names as the project's
        settings = replace(config, n=N, kernels_dir=Path(folder), build_dir=build_dir)
        with bench(settings, (), console) as ready:
            yield ready


def _disturbed(samples: list[Sample], ready: Bench, name: str) -> bool:
    """Return whether a finding names a disturbance of these samples."""
    measured = [launch[0] for launch in launches_in(samples, Purpose.MEASURE).values()]
    return bool(disturbances(name, ready.kernels[name].threads_of(ready.config.threads), measured))
