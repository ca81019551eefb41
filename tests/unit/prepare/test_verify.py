"""Test verification: every way of being wrong that has fooled a benchmark is named, with where and by how much."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from harness.model.job import FailureCode, Fault
from harness.prepare.inputs import dyadic, exact_product
from harness.prepare.verify import compare, digest, exact_sums, full_mantissa, worst_error

A, B = dyadic(40, 9)
C = exact_product(A, B)


def verify(folder: Path, output: np.ndarray | bytes) -> str | Fault:
    """Return the verdict on an output where C is expected."""
    path = folder / "c"
    path.write_bytes(output if isinstance(output, bytes) else output.astype("<f8").tobytes())
    return compare(path, C, digest(C))


def test_correct_bits_pass(tmp_path):
    assert verify(tmp_path, C) == digest(C)


def test_negative_zero_is_a_zero(tmp_path):
    expected = np.zeros((2, 2))
    path = tmp_path / "c"
    path.write_bytes((-expected).tobytes())

    assert compare(path, expected, digest(expected)) == digest(expected)


@pytest.mark.parametrize("byte", [0, 8 * 40 * 40 - 8, 8 * 40 * 20 + 1])
def test_one_wrong_bit_fails_with_its_place(tmp_path, byte):
    data = bytearray(C.tobytes())
    data[byte] ^= 1

    verdict = verify(tmp_path, bytes(data))

    assert isinstance(verdict, Fault)
    row, column = divmod(byte // 8, 40)
    assert f"1 of 1600 values are wrong; first C[{row}, {column}] = " in verdict.reason


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (C.T, "it is the transpose"),
        (C.astype(np.float32), "it is rounded to float32"),
        (np.zeros((40, 40)), "values are wrong"),
        (np.where(np.arange(40) == 3, np.nan, C), "40 are NaN"),
        (np.full((40, 40), np.nan), "1600 are NaN"),
        (C[:39], "wrote 12480 bytes where 40 x 40 float64 values take 12800 bytes"),
        (np.vstack([C, C[:1]]), "wrote 13120 bytes"),
        (b"", "wrote 0 bytes"),
        (-C, "values are wrong"),
        (C * (1 + 2**-52), "values are wrong"),
    ],
)
def test_wrong_output_is_described(tmp_path, output, expected):
    """The reason says what kind of mistake it is, in numbers as people write them."""
    verdict = verify(tmp_path, output)

    assert isinstance(verdict, Fault)
    assert expected in verdict.reason
    assert "np.float64" not in verdict.reason


def test_missing_output_fails(tmp_path):
    assert compare(tmp_path / "none", C, digest(C)) == Fault(FailureCode.NO_OUTPUT, "wrote no output file")


def test_link_to_another_file_is_no_output(tmp_path):
    (tmp_path / "real").write_bytes(C.tobytes())
    (tmp_path / "c").symlink_to(tmp_path / "real")

    assert compare(tmp_path / "c", C, digest(C)) == Fault(FailureCode.NO_OUTPUT, "wrote no output file")


def test_exact_sums_are_those_of_fractions():
    a, b = full_mantissa(5, 1)

    exact = exact_sums(a, b)

    for i in range(5):
        for j in range(5):
            assert Fraction(exact[i, j], 2**106) == sum(Fraction(a[i, k]) * Fraction(b[k, j]) for k in range(5))


def test_float64_is_within_the_error_bound():
    a, b = full_mantissa(64, 1)

    assert worst_error(a @ b, exact_sums(a, b)) < 1


def test_float32_is_far_outside_the_error_bound():
    a, b = full_mantissa(64, 1)

    product = (a.astype(np.float32) @ b.astype(np.float32)).astype(float)

    assert worst_error(product, exact_sums(a, b)) > 1e5


def test_nan_is_infinitely_wrong():
    a, b = full_mantissa(64, 1)

    assert worst_error(np.full((64, 64), np.nan), exact_sums(a, b)) == float("inf")


def test_shortened_inputs_are_outside_the_error_bound():
    """A kernel that relies on inputs of 40 bits is wrong on those with a full mantissa."""
    a, b = full_mantissa(64, 1)
    short = np.round(a * 2**40) / 2**40

    assert worst_error(short @ b, exact_sums(a, b)) > 1
