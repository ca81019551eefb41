"""Create the inputs that all kernels share, and the exact reference product.

Inputs are dyadic: k / 2^20 with k uniform in [-2^19, 2^19]. A product of two is a whole number below 2^38 in
units of 2^-40, a sum of n <= 2^15 of them stays below 2^53: every partial sum, in any order, with or without
FMA, is exact in float64. So all correct float64 kernels give the same bits.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness.model.errors import HarnessError
from harness.model.sample import Problem
from harness.prepare.hard_inputs import mixed_mantissa
from harness.util.files import remove_tree, sha256_of, write_json

SCALE = 2**20

FORMAT = "float64, little-endian, row-major"


@dataclass(frozen=True)
class Inputs:
    """A and B on disk, alone in `folder`, and the reference product outside that folder.

    `full_a` and `full_b` are matrices of the same size whose values have 53 bits (hard_inputs.mixed_mantissa). Their
    product is nowhere on disk, where a kernel could find it.
    """

    n: int
    seed: int
    folder: Path
    reference: Path
    sha256_a: str
    sha256_b: str
    sha256_full_a: str
    sha256_full_b: str

    @property
    def a(self) -> Path:
        """The file of A, n x n."""
        return self.folder / "a.f64"

    @property
    def b(self) -> Path:
        """The file of B, n x n."""
        return self.folder / "b.f64"

    @property
    def build_dir(self) -> Path:
        """The folder that prepare() created them in."""
        return self.folder.parents[2]

    @property
    def full_a(self) -> Path:
        """The file of A with values of 53 bits, n x n."""
        return self.folder / "full-a.f64"

    @property
    def full_b(self) -> Path:
        """The file of B with values of 53 bits, n x n."""
        return self.folder / "full-b.f64"

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that kernels may read."""
        return (self.a, self.b, self.full_a, self.full_b)

    def intact(self) -> bool:
        """Return whether all files still have the hashes that they were created with."""
        hashes = (self.sha256_a, self.sha256_b, self.sha256_full_a, self.sha256_full_b)
        return all(sha256_of(path) == expected for path, expected in zip(self.files, hashes, strict=True))

    def first_product(self) -> np.ndarray:
        """Return the product of the first values of A and B, as matrices of 1 x 1."""
        a, b = (np.fromfile(path, "<f8", count=1).reshape(1, 1) for path in (self.a, self.b))
        product: np.ndarray = a * b + 0.0
        return product

    def expected(self, problem: Problem) -> np.ndarray:
        """Return the first rows of the reference product, float64, rows x n; pages are read when they are used."""
        return np.memmap(self.reference, "<f8", "r", shape=(problem.rows, problem.n))


def generator(n: int, seed: int) -> np.random.Generator:
    """Return the generator of the inputs of size n. The report's page repeats it: see report/browser/inputs.js."""
    return np.random.default_rng([seed, n])


def dyadic(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return A and B of the given size: float64, n x n, each value k / 2^20."""
    random = generator(n, seed)
    half = SCALE // 2
    a, b = (random.integers(-half, half, (n, n), endpoint=True) / SCALE for _ in range(2))
    return a, b


def exact_product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return A . B of dyadic inputs, exact and without negative zeros.

    NumPy computes it; Freivalds' check (1977) certifies it in integers modulo 2^64, where wrapping is exact: for
    a wrong row d = C - A.B, d.x = 0 for a random vector x has a probability below 2^-13, since entries of d are
    below 2^51. Four vectors leave 2^-52.
    Raises HarnessError if this machine's NumPy multiplies wrongly.
    """
    product: np.ndarray = a @ b + 0.0
    exact = (product * 2.0**40).astype(np.int64)
    if not np.array_equal(exact / 2.0**40, product):
        raise HarnessError("this machine's NumPy gave a product that is not exact; no kernel can be checked by it")
    wide_a, wide_b = ((matrix * SCALE).astype(np.int64) for matrix in (a, b))
    random = np.random.default_rng()
    for _ in range(4):
        x = random.integers(-(2**63), 2**63, a.shape[1], dtype=np.int64)
        if not np.array_equal(exact @ x, wide_a @ (wide_b @ x)):
            raise HarnessError("this machine's NumPy gave a wrong product; no kernel can be checked by it")
    return product


def home_of_inputs(n: int, seed: int, build_dir: Path) -> Path:
    """Return the folder of the inputs of size n and of their reference product."""
    return build_dir / "inputs" / f"n{n}-seed{seed}"


def prepare(n: int, seed: int, build_dir: Path) -> Inputs:
    """Create the inputs of size n, or reuse those created before if they are intact. Raises HarnessError."""
    home = home_of_inputs(n, seed, build_dir)
    hashes_file = home / "inputs.json"
    try:
        hashes = json.loads(hashes_file.read_text(encoding="utf-8"))
        inputs = _inputs(n, seed, home, hashes)
        if inputs.intact() and sha256_of(inputs.reference) == hashes["reference"]:
            return inputs
    except (OSError, ValueError, KeyError, TypeError):
        pass
    remove_tree(home)
    data = home / "data"
    data.mkdir(parents=True)
    a, b = dyadic(n, seed)
    hashes = {
        "a": _write(data / "a.f64", a),
        "b": _write(data / "b.f64", b),
        "reference": _write(home / "reference.f64", exact_product(a, b)),
    }
    a, b = mixed_mantissa(n, seed)
    hashes |= {"full_a": _write(data / "full-a.f64", a), "full_b": _write(data / "full-b.f64", b)}
    write_json(hashes_file, hashes)  # last, so that a folder without it is known to be incomplete
    return _inputs(n, seed, home, hashes)


def _inputs(n: int, seed: int, home: Path, hashes: dict[str, str]) -> Inputs:
    keys = ("a", "b", "full_a", "full_b")
    return Inputs(n, seed, home / "data", home / "reference.f64", *(hashes[key] for key in keys))


def _write(path: Path, matrix: np.ndarray) -> str:
    data = np.ascontiguousarray(matrix, dtype="<f8").data.cast("B")
    with path.open("wb") as file:
        file.write(data)
    path.chmod(0o444)
    return hashlib.sha256(data).hexdigest()
