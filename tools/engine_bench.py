"""Compare the rung engine with MKL: its time at several n, and the times of its phases."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np

from harness.analysis.hodges_lehmann import hodges_lehmann
from harness.analysis.intervals import paired
from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.execute.native import NativeExecutor
from harness.model.errors import HarnessError
from harness.model.job import Built, Provided
from harness.model.result import Interval
from harness.prepare.build import build, home_of
from harness.system import host

FORMS = {
    "AMX": "-mamx-tile -mamx-int8 -DENGINE_AMX",
    "VNNI": "-DENGINE_VNNI",
    "plain": "",
}
"""The compiler flags that select each form of c/engine's tile product."""

SIZES = (512, 1024, 2048, 4096)
"""Values of n at which times are measured."""

ROUNDS = 7
"""Number of rounds of each n: enough for a 95% interval of the ratio, and a few minutes in all."""

PHASES = ("norms", "residues", "products", "reconstruction")
"""The phases that c/engine reports on standard error, in their order."""


@dataclass(frozen=True)
class Speed:
    """Median times in seconds at one n, the engine's speed relative to MKL and to c/packed, and its phases."""

    n: int
    engine_s: float
    mkl_s: float
    over_mkl: Interval
    over_packed: Interval
    phases_s: dict[str, float]


def form() -> str:
    """Return the fastest form that this machine can run."""
    if not host.lacking(["amx_tile", "amx_int8"]):
        return "AMX"
    return "plain" if host.lacking(["avx512_vnni", "avx512bw"]) else "VNNI"


def engine_flags(name: str) -> str:
    """Return the compiler flags of c/engine for a form of its tile product."""
    return f"-O3 -march=native -mprefer-vector-width=512 {FORMS[name]} -fopenmp"


def programs(build_dir: Path) -> dict[str, Path]:
    """Build c/engine in this machine's form, c/packed and c/library-mkl natively. Raises HarnessError."""
    config, executor = load_config(), NativeExecutor(build_dir)
    kernels = {kernel.id: kernel for kernel in load_kernels(config.kernels_dir)}
    flags = f"{engine_flags(form())} -DENGINE_PHASES"
    kernels_by_name = {
        "engine": replace(kernels["c/engine"], variant="engine-phases", flags=flags),
        "packed": kernels["c/packed"],
        "mkl": kernels["c/library-mkl"],
    }
    paths = {}
    for name, kernel in kernels_by_name.items():
        provided = executor.provide(kernel.toolchain)
        if not isinstance(provided, Provided):
            raise HarnessError(f"{kernel.id}: {provided}")
        cpus = host.usable_cpus(config.threads)
        built = build(kernel, provided, executor, build_dir, config.limits, host.cpu_identity(), cpus)
        if not isinstance(built, Built):
            raise HarnessError(f"{kernel.id}: {built.reason}")
        paths[name] = home_of(kernel, executor, build_dir) / "artefact" / "out"
    return paths


@dataclass(frozen=True)
class LaunchResult:
    """The output of one launch: C, and the time of its last call and of the phases of that call, in ns."""

    c: np.ndarray
    ns: int
    phases: dict[str, int]


def run(program: Path, a: np.ndarray, b: np.ndarray, threads: int, reps: int = 1) -> LaunchResult:
    """Launch a kernel's program on A (rows x n) and B (n x n), float64. Raises HarnessError if it fails."""
    rows, n = a.shape
    with tempfile.TemporaryDirectory(prefix="60000x-engine-") as folder:
        names = [str(Path(folder) / name) for name in "ABC"]
        a.tofile(names[0])
        b.tofile(names[1])
        command = [str(program), *names, *map(str, (n, rows, threads, reps))]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise HarnessError(f"{program}: {done.stderr.strip() or done.returncode}")
        phases: dict[str, int] = {}
        calls = 0
        for name, ns in (line.split() for line in done.stderr.splitlines()):
            if name == PHASES[0]:
                calls += 1
            if calls == reps:
                phases[name] = phases.get(name, 0) + int(ns)
        return LaunchResult(np.fromfile(names[2]).reshape(rows, n), int(done.stdout.split()[-1]), phases)


def speeds(build_dir: Path, threads: int, sizes: tuple[int, ...] = SIZES) -> Iterator[Speed]:
    """Measure the engine, MKL and c/packed in ROUNDS rounds at each n, by the second call of each launch.

    Raises HarnessError.
    """
    paths, random = programs(build_dir), np.random.default_rng(60000)
    for n in sizes:
        a, b = random.random((n, n)), random.random((n, n))
        launches: dict[str, list[LaunchResult]] = {name: [] for name in paths}
        for round_number in range(ROUNDS):
            for name in sorted(paths, reverse=bool(round_number % 2)):
                launches[name].append(run(paths[name], a, b, threads, reps=2))
        times = {
            name: {round_number: launch.ns / 1e9 for round_number, launch in enumerate(rounds)}
            for name, rounds in launches.items()
        }
        yield Speed(
            n,
            hodges_lehmann(times["engine"].values()),
            hodges_lehmann(times["mkl"].values()),
            paired(times["mkl"], times["engine"], 0.95),
            paired(times["packed"], times["engine"], 0.95),
            {name: median(launch.phases[name] for launch in launches["engine"]) / 1e9 for name in PHASES},
        )
