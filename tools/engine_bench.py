"""Compare the rung engine with MKL: its error on hard inputs, its time at several n, and the times of its phases."""

from __future__ import annotations

import math
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

SAMPLED_ROWS, SAMPLED_COLUMNS = 32, 64
"""Numbers of rows and columns whose entries are compared with exact sums: all entries would take hours."""

PHASES = ("norms", "residues", "products", "reconstruction")
"""The phases that c/engine reports on standard error, in their order."""


@dataclass(frozen=True)
class Accuracy:
    """The largest |error| / (|A||B|) over the sampled entries, of MKL and of the engine.

    For inputs outside the engine's safe range, `as_packed` is true if its output has the same bits as c/packed's.
    """

    inputs: str
    mkl: float | None
    engine: float | None
    as_packed: bool | None = None


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
    return f"-O3 -march=native {FORMS[name]} -fopenmp"


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


# ---- accuracy


def hard_inputs(n: int, random: np.random.Generator) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield inputs that are hard for a product by residues: (description, A, B), each n x n."""

    def uniform() -> np.ndarray:
        return random.random((n, n))

    def signed() -> np.ndarray:
        return random.uniform(-1, 1, (n, n))

    def spread() -> np.ndarray:
        scaled: np.ndarray = np.ldexp(signed(), -random.integers(0, 21, (n, n)))
        return scaled

    powers = random.integers(-100, 101, n)
    yield "uniform [0, 1)", uniform(), uniform()
    yield "uniform [-1, 1)", signed(), signed()
    yield "a spread of 2^20 within rows and columns", spread(), spread()
    yield "that, rows and columns times 2^±100", np.ldexp(spread(), powers[:, None]), np.ldexp(spread(), powers)
    ones = np.full((n, n), 1 - 2.0**-53)
    yield "all entries 1 - 2^-53", ones, ones
    half = n // 2
    left, right = signed()[:, :half], signed()[:half]
    rest = n - 2 * half
    cancelling = np.hstack([left, left, np.zeros((n, rest))]), np.vstack([right, -right, np.zeros((rest, n))])
    yield "exact cancellation", *cancelling
    a, b = signed(), signed()
    a[:: max(2, n // 8)] = 0
    b[:, 1 :: max(2, n // 8)] = 0
    yield "zero rows and columns", a, b
    a, b = signed(), signed()
    a[random.random((n, n)) < 0.3] = 5e-324
    b[random.random((n, n)) < 0.3] = -1e-310
    yield "denormals among others", a, b


def unsafe_inputs(n: int, random: np.random.Generator) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield inputs outside the engine's safe range, which it passes to the packed kernel: (description, A, B)."""
    for description, value in (
        ("an Inf", math.inf),
        ("a NaN", math.nan),
        ("a square that overflows", 1e200),
    ):
        a, b = random.uniform(-1, 1, (n, n)), random.uniform(-1, 1, (n, n))
        a[n // 2, n // 3] = value
        yield description, a, b
    a = random.uniform(-1, 1, (n, n))
    a[n - 1] *= 1e-310
    yield "a row of denormals", a, random.uniform(-1, 1, (n, n))
    b = random.uniform(-1, 1, (n, n))
    b[:, 0] *= 1e-200
    yield "a column whose squares vanish", random.uniform(-1, 1, (n, n)), b


def error_share(c: np.ndarray, a: np.ndarray, b: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> float:
    """Return the largest |error| / (|A||B|) of some entries of C, relative to sums without rounding.

    Each product is split into two doubles without error (Dekker 1971, A Floating-Point Technique for Extending the
    Available Precision, with Veltkamp's split). math.fsum adds all of them and -C exactly, and rounds once. Where
    |A||B| is 0, C must be 0.
    """
    largest = 0.0
    for i in rows:
        for j in columns:
            x, y = a[i], b[:, j]
            product = x * y
            (x_high, x_low), (y_high, y_low) = _split(x), _split(y)
            rest = ((x_high * y_high - product) + x_high * y_low + x_low * y_high) + x_low * y_low
            error = abs(math.fsum([*product, *rest, -c[i, j]]))
            scale = math.fsum(np.abs(product))
            relative = error / scale if scale else math.inf if c[i, j] != 0 else 0.0
            largest = max(largest, relative)
    return largest


def _split(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split doubles into two parts of at most 26 bits each, whose sum is exact (Veltkamp 1968)."""
    big = x * (2.0**27 + 1)
    high = big - (big - x)
    return high, x - high


def accuracy(build_dir: Path, n: int, threads: int, seed: int = 60000) -> Iterator[Accuracy]:
    """Measure the errors of the engine and of MKL on the same entries of the same inputs. Raises HarnessError."""
    paths, random = programs(build_dir), np.random.default_rng(seed)
    for description, a, b in hard_inputs(n, random):
        rows = np.unique(np.append(random.integers(0, n, SAMPLED_ROWS), [0, n - 1]))
        columns = np.unique(np.append(random.integers(0, n, SAMPLED_COLUMNS), [0, 1, n - 1]))
        mkl, engine = (
            error_share(run(paths[name], a, b, threads).c, a, b, rows, columns) for name in ("mkl", "engine")
        )
        yield Accuracy(description, mkl, engine)
    for description, a, b in unsafe_inputs(n, random):
        c, expected = (run(paths[name], a, b, threads).c for name in ("engine", "packed"))
        yield Accuracy(description, None, None, c.tobytes() == expected.tobytes())


# ---- speed


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
