"""Create inputs that show arithmetic of fewer digits or less range than float64, and judge their products. Pure."""

from __future__ import annotations

import numpy as np

UNIT_ROUNDOFF = 2.0**-53

SMALLEST = -1074
"""Exponent of the smallest float64 above zero, a subnormal."""

TINY = 2.0**-90
"""Factor of the values that vanish beside the large one of their row: n of them are far below its last bit."""

ROUNDINGS = 2
"""Roundings that a product of two values may have had: one in float64, and one in a wider register before it."""


def subnormal(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return A, B and the exact C, float64, n x n, where all values of A and C are subnormal.

    They are whole numbers of the smallest float64: every partial sum is exact, as with the dyadic inputs. Where
    subnormal operands count as zero, or subnormal results become zero, C is wrong.
    """
    random = np.random.default_rng([seed, n, 1074])
    a, b = random.integers(1, 2**20, (n, n)), random.integers(-(2**10), 2**10, (n, n), endpoint=True)
    return np.ldexp(a, SMALLEST), b.astype("<f8"), np.ldexp(a @ b, SMALLEST)


def mixed_mantissa(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return A and B, float64, n x n, all values positive and with 53 bits.

    In every second row of A, one value outweighs the others: a value of C is then one product that is rounded once, in
    any order of summation, with or without FMA. Its error is that of float64, while the bound of a long sum, which the
    other rows have, also holds for arithmetic with fewer digits.
    """
    random = np.random.default_rng([seed, n, 90])
    a, b = (random.uniform(0.5, 1, (n, n)) for _ in range(2))
    graded = np.arange(1, n, 2)
    large = random.integers(0, n, len(graded))
    values = a[graded, large]
    a[graded] *= TINY
    a[graded, large] = values
    return a, b


def digits_error(actual: np.ndarray, product: np.ndarray, first_row: int = 0, normwise: bool = False) -> float:
    """Return the largest error of rows of a product of mixed_mantissa, relative to the bound of a float64 sum.

    `product` is NumPy's, whose own error is at most as large, so that twice the bound is allowed: gamma_n |A||B| in
    ordinary rows (Higham, Accuracy and Stability of Numerical Algorithms, 3.1), and ROUNDINGS units in those with one
    large value. `first_row` is the row of A that the first row belongs to; after the last one follows the first.
    `normwise` holds all rows to gamma_n n max|A| max|B| only, as suits an algorithm whose error bound is normwise.
    """
    rows, n = product.shape
    gamma = n * UNIT_ROUNDOFF / (1 - n * UNIT_ROUNDOFF)
    graded = (first_row + np.arange(rows)) % n % 2 == 1
    factor = np.where(graded, ROUNDINGS * UNIT_ROUNDOFF, gamma)[:, np.newaxis]
    bound = 2 * gamma * n if normwise else 2 * factor * product
    with np.errstate(invalid="ignore"):
        share = np.abs(actual - product) / bound
    return float("inf") if np.isnan(share).any() else float(share.max())
