"""Compare the rung engine with MKL: its error on hard inputs, and its bits on those that it leaves to c/packed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tools.engine_bench import programs, run

SAMPLED_ROWS, SAMPLED_COLUMNS = 32, 64
"""Numbers of rows and columns whose entries are compared with exact sums: all entries would take hours."""


@dataclass(frozen=True)
class Accuracy:
    """The largest |error| / (|A||B|) over the sampled entries, of MKL and of the engine.

    For inputs outside the engine's safe range, `as_packed` is true if its output has the same bits as c/packed's.
    """

    inputs: str
    mkl: float | None
    engine: float | None
    as_packed: bool | None = None


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
