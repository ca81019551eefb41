"""Test the inputs that show arithmetic with fewer digits or less range than float64."""

from __future__ import annotations

import numpy as np
import pytest

from harness.prepare.hard_inputs import digits_error, mixed_mantissa, subnormal

N = 64


def split(values: np.ndarray) -> np.ndarray:
    """Return what two float32 keep of each value: 48 bits."""
    high = values.astype("f4").astype("f8")
    return high + (values - high).astype("f4").astype("f8")


def test_subnormal_products_are_exact_in_any_order():
    a, b, product = subnormal(17, 1)
    order = np.random.default_rng(0).permutation(17)

    assert np.array_equal(a[:, order] @ b[order], product)
    assert np.abs(a).max() < 2.0**-1022 and 0 < np.abs(product).max() < 2.0**-1022


def test_values_of_53_bits_have_as_many():
    a, b = mixed_mantissa(N, 1)

    assert all((matrix.astype("f4") != matrix).mean() > 0.99 for matrix in (a, b))


def test_float64_has_the_digits_of_float64_in_any_order():
    a, b = mixed_mantissa(N, 1)
    order = np.random.default_rng(0).permutation(N)
    one_by_one = np.array([[sum(a[i] * b[:, j]) for j in range(N)] for i in range(N)])

    assert digits_error(one_by_one, a @ b) <= 1
    assert digits_error(a[:, order] @ b[order], a @ b) <= 1


@pytest.mark.parametrize("n", [17, 257, 1024])
def test_products_of_48_bits_lack_digits_at_any_size(n):
    """The bound of a sum of n values allows them, from some hundred on."""
    a, b = mixed_mantissa(n, 1)

    assert digits_error(split(a) @ split(b), a @ b) > 1


def test_rows_are_judged_from_the_row_where_they_begin():
    a, b = mixed_mantissa(N, 1)
    product = np.roll(a @ b, -3, axis=0)

    assert digits_error(np.roll(split(a) @ b, -3, axis=0), product, first_row=3) > 1
    assert digits_error(product, product, first_row=3) == 0


def test_a_normwise_bound_allows_errors_relative_to_the_largest_values():
    a, b = mixed_mantissa(N, 1)
    product = a @ b

    assert digits_error(product + 2.0**-48, product) > 1
    assert digits_error(product + 2.0**-48, product, normwise=True) <= 1
    assert digits_error(a.astype("f4") @ b.astype("f4"), product, normwise=True) > 1


def test_a_value_that_is_no_number_has_no_digits():
    assert digits_error(np.full((2, 2), np.nan), np.ones((2, 2))) == float("inf")
