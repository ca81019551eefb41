"""Compare outputs with the reference bit for bit, and check that a kernel is as accurate as float64 allows."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from harness.model.job import FailureCode, Fault
from harness.model.sample import Problem

UNIT_ROUNDOFF = 2.0**-53


def digest(matrix: np.ndarray) -> str:
    """Return the SHA-256 of a matrix's bytes, with negative zeros made positive: x + 0.0 is 0.0 for x = -0.0."""
    return hashlib.sha256((np.asarray(matrix, "<f8") + 0.0).data.cast("B")).hexdigest()


def compare(output: Path, expected: np.ndarray, expected_digest: str) -> str | Fault:
    """Return the output's digest if all bits are right, else the fault: where the output differs, and by how much.

    `expected` is rows x n, float64, `expected_digest` the digest of it.
    """
    actual = read_output(output, Problem(expected.shape[1], expected.shape[0]))
    if isinstance(actual, Fault):
        return actual
    if (actual_digest := digest(actual)) == expected_digest:
        return actual_digest
    code = FailureCode.WRONG_VALUES if expected.shape[1] > 1 else FailureCode.WRONG_PRODUCT_OF_ONE
    return Fault(code, _difference(actual, expected))


def read_output(output: Path, problem: Problem) -> np.ndarray | Fault:
    """Return C as a kernel wrote it, float64, rows x n, or the fault of the file."""
    expected_bytes = 8 * problem.rows * problem.n
    if output.is_symlink() or not output.is_file():
        return Fault(FailureCode.NO_OUTPUT, "wrote no output file")
    if (size := output.stat().st_size) != expected_bytes:
        reason = f"wrote {size} bytes where {problem.rows} x {problem.n} float64 values take {expected_bytes} bytes"
        return Fault(FailureCode.WRONG_OUTPUT_SIZE, reason)
    try:
        return np.fromfile(output, "<f8").reshape(problem.rows, problem.n)
    except OSError as error:
        return Fault(FailureCode.UNREADABLE_OUTPUT, f"its output cannot be read: {error.strerror}")


def _difference(actual: np.ndarray, expected: np.ndarray) -> str:
    # != holds for NaN, which is wrong, and not for -0.0 beside 0.0, which is right
    wrong = actual != np.asarray(expected)
    row, column = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
    with np.errstate(invalid="ignore"):
        largest = np.nanmax(np.abs(actual - expected), initial=0.0)
    notes = []
    if nans := int(np.isnan(actual).sum()):
        notes.append(f"{nans} are NaN")
    if actual.shape[0] == actual.shape[1] and np.array_equal(actual.T, expected):
        notes.append("it is the transpose")
    if np.array_equal(actual, np.asarray(expected).astype(np.float32).astype(np.float64)):
        notes.append("it is rounded to float32")
    return (
        f"{int(wrong.sum())} of {wrong.size} values are wrong; first C[{row}, {column}] = "
        f"{float(actual[row, column])!r} where {float(expected[row, column])!r} is right; "
        f"largest difference {largest:.3g}" + (f" ({'; '.join(notes)})" if notes else "")
    )


def full_mantissa(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs with all 53 bits, uniform in [0, 1), float64, n x n.

    A kernel that computes with fewer bits is right for the dyadic inputs, and wrong for these.
    """
    random = np.random.default_rng([seed, n, 53])
    return random.random((n, n)), random.random((n, n))


def exact_sums(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return A . B of inputs that are multiples of 2^-53 in [0, 1), without rounding.

    The result holds Python integers in units of 2^-106 (object array, n x n). Each value is split in 27 + 26 bits, so
    that the four partial products are exact in int64 for n up to 2^9.
    """
    (a_high, a_low), (b_high, b_low) = (np.divmod((matrix * 2.0**53).astype(np.int64), 2**26) for matrix in (a, b))
    high, middle, low = a_high @ b_high, a_high @ b_low + a_low @ b_high, a_low @ b_low
    sums: np.ndarray = high.astype(object) * 2**52 + middle.astype(object) * 2**26 + low.astype(object)
    return sums


def worst_error(actual: np.ndarray, exact: np.ndarray) -> float:
    """Return the largest error of `actual` relative to the error bound of a sequential float64 sum.

    All inputs are positive, so the bound |C - AB| <= gamma_n |A||B| (Higham, Accuracy and Stability of Numerical
    Algorithms, 3.1) is gamma_n times the exact value itself, with gamma_n = n u / (1 - n u). A share above 1
    means fewer digits than float64.
    """
    n = exact.shape[1]
    if not np.isfinite(actual).all():
        return float("inf")
    gamma = n * UNIT_ROUNDOFF / (1 - n * UNIT_ROUNDOFF)
    units = (int(value) for value in (actual * 2.0**106).ravel())
    worst: float = max(abs(f - e) / e for f, e in zip(units, exact.ravel(), strict=True)) / gamma
    return worst
