"""Test the inputs: dyadic, the same for all kernels, and with an exact reference product."""

from __future__ import annotations

import numpy as np
import pytest

from harness.model.errors import HarnessError
from harness.model.sample import Problem
from harness.prepare.inputs import SCALE, dyadic, exact_product, prepare


def test_values_are_dyadic():
    """Every value is a multiple of 2^-20, and at most one half."""
    for matrix in dyadic(50, 7):
        units = matrix * SCALE

        assert np.array_equal(units, np.round(units))
        assert np.abs(units).max() <= SCALE // 2


def test_seed_decides_the_bytes():
    assert np.array_equal(dyadic(20, 1)[0], dyadic(20, 1)[0])
    assert not np.array_equal(dyadic(20, 1)[0], dyadic(20, 2)[0])


def test_reference_equals_the_product_in_integers():
    a, b = dyadic(60, 3)

    exact = (a * SCALE).astype(int).astype(object) @ (b * SCALE).astype(int).astype(object)

    assert (exact_product(a, b) * 2.0**40 == exact.astype(float)).all()


def test_any_order_of_summing_gives_the_same_bits():
    a, b = dyadic(100, 3)
    order = np.random.default_rng(0).permutation(100)

    assert np.array_equal(exact_product(a, b), a[:, order] @ b[order] + 0.0)


def test_wrong_product_is_not_taken_for_the_reference():
    """A fault of the library that multiplies is found when the reference is made."""
    a, b = dyadic(40, 3)

    class Wrong(np.ndarray):
        def __matmul__(self, other):
            product = np.asarray(self) @ np.asarray(other)
            if product.dtype == float:
                product[39, 39] += 2.0**-40
            return product

    with pytest.raises(HarnessError, match="wrong product"):
        exact_product(a.view(Wrong), b)


def test_inputs_are_used_again(tmp_path):
    written = prepare(16, 5, tmp_path).a.stat().st_mtime_ns

    assert prepare(16, 5, tmp_path).a.stat().st_mtime_ns == written


def test_changed_inputs_are_written_anew(tmp_path):
    first = prepare(16, 5, tmp_path)
    first.a.chmod(0o644)
    data = bytearray(first.a.read_bytes())
    data[-1] ^= 1
    first.a.write_bytes(data)
    assert not first.intact()

    again = prepare(16, 5, tmp_path)

    assert again.intact() and again.sha256_a == first.sha256_a


def test_kernels_see_no_reference_beside_their_inputs(tmp_path):
    inputs = prepare(16, 5, tmp_path)

    assert sorted(path.name for path in inputs.folder.iterdir()) == ["a.f64", "b.f64", "full-a.f64", "full-b.f64"]
    assert inputs.expected(Problem(16, 4)).shape == (4, 16)
