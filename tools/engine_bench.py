"""The engine rung held against MKL: its error on hard inputs, its time at several n, and what its phases take."""

from __future__ import annotations

import math
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np

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
"""The forms of c/engine's tile product, by the flags that choose them."""

SIZES = (512, 1024, 2048, 4096)
ROUNDS = 7
SAMPLED_ROWS, SAMPLED_COLUMNS = 32, 64
PHASES = ("norms", "residues", "products", "reconstruction")


@dataclass(frozen=True)
class Accuracy:
    """Largest |error| / (|A||B|) over the sampled entries; where the packed kernel is to do it, whether it did."""

    inputs: str
    mkl: float | None
    engine: float | None
    as_packed: bool | None = None


@dataclass(frozen=True)
class Speed:
    """Medians in seconds at one n, how many times the engine is as fast as MKL and as c/packed, and its phases."""

    n: int
    engine_s: float
    mkl_s: float
    over_mkl: Interval
    over_packed: Interval
    phases_s: dict[str, float]


def form() -> str:
    """The fastest form that runs on this machine."""
    if not host.lacking(["amx_tile", "amx_int8"]):
        return "AMX"
    return "plain" if host.lacking(["avx512_vnni", "avx512bw"]) else "VNNI"


def engine_flags(name: str) -> str:
    """What c/engine is compiled with for a form of its tile product."""
    return f"-O3 -march=native {FORMS[name]} -fopenmp"


def programs(build_dir: Path) -> dict[str, Path]:
    """c/engine in this machine's form, c/packed and c/library-mkl, built natively. Raises HarnessError."""
    config, executor = load_config(), NativeExecutor(build_dir)
    kernels = {kernel.id: kernel for kernel in load_kernels(config.kernels_dir)}
    flags = f"{engine_flags(form())} -DENGINE_PHASES"
    wanted = {
        "engine": replace(kernels["c/engine"], variant="engine-phases", flags=flags),
        "packed": kernels["c/packed"],
        "mkl": kernels["c/library-mkl"],
    }
    found = {}
    for name, kernel in wanted.items():
        provided = executor.provide(kernel.toolchain)
        if not isinstance(provided, Provided):
            raise HarnessError(f"{kernel.id}: {provided}")
        cpus = host.usable_cpus(config.threads)
        made = build(kernel, provided, executor, build_dir, config.limits, host.cpu_identity(), cpus)
        if not isinstance(made, Built):
            raise HarnessError(f"{kernel.id}: {made.reason}")
        found[name] = home_of(kernel, executor, build_dir) / "artefact" / "out"
    return found


@dataclass(frozen=True)
class Ran:
    """What one launch gave: C, the time of its last call in ns, and its phases in ns, summed over that call."""

    c: np.ndarray
    ns: int
    phases: dict[str, int]


def run(program: Path, a: np.ndarray, b: np.ndarray, threads: int, reps: int = 1) -> Ran:
    """Launch a kernel's program on A (rows x n) and B (n x n), float64. Raises HarnessError."""
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
        return Ran(np.fromfile(names[2]).reshape(rows, n), int(done.stdout.split()[-1]), phases)


# ---- accuracy


def hard_inputs(n: int, random: np.random.Generator) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Inputs that a product by residues could get wrong: (what they are, A, B), each n x n."""

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
    """Inputs outside the engine's safe range, which it leaves to the packed kernel: (what they are, A, B)."""
    for what, value in (
        ("an Inf", math.inf),
        ("a NaN", math.nan),
        ("a square that overflows", 1e200),
    ):
        a, b = random.uniform(-1, 1, (n, n)), random.uniform(-1, 1, (n, n))
        a[n // 2, n // 3] = value
        yield what, a, b
    a = random.uniform(-1, 1, (n, n))
    a[n - 1] *= 1e-310
    yield "a row of denormals", a, random.uniform(-1, 1, (n, n))
    b = random.uniform(-1, 1, (n, n))
    b[:, 0] *= 1e-200
    yield "a column whose squares vanish", random.uniform(-1, 1, (n, n)), b


def error_share(c: np.ndarray, a: np.ndarray, b: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> float:
    """The largest |error| / (|A||B|) of some entries of C, held against sums without any rounding.

    Each product is split into two doubles without error (Dekker 1971, by Veltkamp's split), and math.fsum adds all of
    them, and -C, exactly before it rounds once. Where |A||B| is 0, C must be 0.
    """
    worst = 0.0
    for i in rows:
        for j in columns:
            x, y = a[i], b[:, j]
            product = x * y
            (x_high, x_low), (y_high, y_low) = _split(x), _split(y)
            rest = ((x_high * y_high - product) + x_high * y_low + x_low * y_high) + x_low * y_low
            error = abs(math.fsum([*product, *rest, -c[i, j]]))
            scale = math.fsum(np.abs(product))
            share = error / scale if scale else math.inf if c[i, j] != 0 else 0.0
            worst = max(worst, share)
    return worst


def _split(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    big = x * (2.0**27 + 1)
    high = big - (big - x)
    return high, x - high


def accuracy(build_dir: Path, n: int, threads: int, seed: int = 60000) -> Iterator[Accuracy]:
    """The engine's error and MKL's on the same entries of the same inputs. Raises HarnessError."""
    made, random = programs(build_dir), np.random.default_rng(seed)
    for what, a, b in hard_inputs(n, random):
        rows = np.unique(np.append(random.integers(0, n, SAMPLED_ROWS), [0, n - 1]))
        columns = np.unique(np.append(random.integers(0, n, SAMPLED_COLUMNS), [0, 1, n - 1]))
        mkl, engine = (error_share(run(made[name], a, b, threads).c, a, b, rows, columns) for name in ("mkl", "engine"))
        yield Accuracy(what, mkl, engine)
    for what, a, b in unsafe_inputs(n, random):
        c, expected = (run(made[name], a, b, threads).c for name in ("engine", "packed"))
        yield Accuracy(what, None, None, c.tobytes() == expected.tobytes())


# ---- speed


def speeds(build_dir: Path, threads: int, sizes: tuple[int, ...] = SIZES) -> Iterator[Speed]:
    """The engine, MKL and c/packed in rounds, ROUNDS times at each n; of two calls the last counts.

    Raises HarnessError.
    """
    made, random = programs(build_dir), np.random.default_rng(60000)
    for n in sizes:
        a, b = random.random((n, n)), random.random((n, n))
        ran: dict[str, list[Ran]] = {name: [] for name in made}
        for round_number in range(ROUNDS):
            for name in sorted(made, reverse=bool(round_number % 2)):
                ran[name].append(run(made[name], a, b, threads, reps=2))
        times = {
            name: {round_number: one.ns / 1e9 for round_number, one in enumerate(all_of)}
            for name, all_of in ran.items()
        }
        yield Speed(
            n,
            median(times["engine"].values()),
            median(times["mkl"].values()),
            paired(times["mkl"], times["engine"], 2000, 0.95),
            paired(times["packed"], times["engine"], 2000, 0.95),
            {name: median(one.phases[name] for one in ran["engine"]) / 1e9 for name in PHASES},
        )
