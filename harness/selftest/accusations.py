"""Experiment on honest kernels: measure them while all processors are busy with other work; none may fail a check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from harness.analysis.plausibility import plausibility_failures
from harness.model.config import Config, Effort
from harness.selftest.bench import bench
from harness.selftest.case import Case
from harness.selftest.load import all_busy
from harness.util.console import Console

KERNELS = ("*/naive", "*/interchange", "*/parallel", "*/packed")
"""Serial and parallel kernels, of interpreters, compilers and JITs."""

N = 512
"""Size of the matrices: a run of all languages takes about a minute."""

ROUNDS = 3


def accusations(config: Config, trials: int, console: Console) -> Iterator[Case]:
    """Yield a case for each kernel of each run; `flagged` tells whether it failed a check of what it reports."""
    settings = replace(config, n=N, effort=Effort.QUICK, rounds=ROUNDS)
    with bench(settings, KERNELS, console) as ready:
        for run in range(trials):
            console.status(f"  accusations: run {run + 1} of {trials}")
            with all_busy():
                samples = ready.measure(list(ready.kernels))
            for name, kernel in ready.kernels.items():
                threads = kernel.threads_of(settings.threads)
                failures = plausibility_failures(samples[name], N, threads)
                for failure in failures:
                    console.line(f"  {name}: {failure.check}: {failure.observation}")
                yield Case("accusations", name, flagged=bool(failures))
