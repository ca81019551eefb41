"""Test on the CPU what CUDA's kernels compute with: addresses in tiles, and the residues of the rung engine."""

from __future__ import annotations

import os
import shutil
import subprocess

import numpy as np
import pytest

from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.execute.native import NativeExecutor
from harness.measure.device_peak import measure_device_peaks
from harness.model.job import SKIP_STATUS, Absent
from harness.prepare.inputs import dyadic, exact_product
from harness.prepare.verify import exact_sums, full_mantissa, worst_error
from harness.system import host
from harness.system.devices import lacking_for
from harness.util.paths import ROOT
from tests.needs import built, need

CUDA = ROOT / "more" / "cuda"
KERNELS = [kernel for kernel in load_kernels(ROOT / "more") if kernel.language == "cuda"]
CONTRACTION = ["-ffp-contract=off", "-ffp-contract=fast"]
"""The device's compiler fuses multiplications and additions, and the results must not depend on it."""


@pytest.fixture(scope="module", params=CONTRACTION)
def program(request, tmp_path_factory):
    need(shutil.which("g++"), "g++")
    out = tmp_path_factory.mktemp("cuda") / "arithmetic"
    source = ROOT / "tests" / "kernels" / "cuda_arithmetic.cpp"
    command = ["g++", "-std=c++17", "-O2", "-march=native", "-Wall", request.param, f"-I{CUDA}", source, "-o", out]
    subprocess.run(command, check=True)
    return out


def engine(program, folder, a, b, rows=None):
    """Return the product by the arithmetic of cuda/engine; None where it is left to cuda/packed."""
    n = len(b)
    a.tofile(folder / "a")
    b.tofile(folder / "b")
    done = subprocess.run([program, "product", "a", "b", "c", str(n), str(rows or n)], cwd=folder, check=False)
    return np.fromfile(folder / "c").reshape(-1, n) if done.returncode == 0 else None


def printed(program, *words):
    return int(subprocess.run([program, *words], capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize("kind", ["doubles", "bytes", "groups"])
def test_warps_compute_every_element_of_a_block(program, kind):
    assert printed(program, "tiles", kind) == 0


@pytest.mark.parametrize("kind", ["doubles", "bytes"])
def test_lanes_that_read_together_meet_different_banks(program, kind):
    assert printed(program, "banks", kind) == 1


@pytest.mark.parametrize("n", [1, 2, 17, 100])
def test_products_of_short_numbers_are_exact(program, n, tmp_path):
    a, b = dyadic(n, 1)

    assert np.array_equal(engine(program, tmp_path, a, b), exact_product(a, b))


def test_fewer_rows_than_columns_are_enough(program, tmp_path):
    a, b = dyadic(33, 1)

    assert np.array_equal(engine(program, tmp_path, a, b, rows=5), exact_product(a, b)[:5])


def test_products_of_long_numbers_pass_the_check_of_accuracy(program, tmp_path):
    a, b = full_mantissa(257, 1)

    assert worst_error(engine(program, tmp_path, a, b), exact_sums(a, b)) <= 1


def test_equal_entries_are_correct_to_the_last_bit(program, tmp_path):
    a = np.full((64, 64), 1 - 2.0**-53)

    assert np.array_equal(engine(program, tmp_path, a, a), np.full((64, 64), 64 * (1 - 2.0**-52)))


def test_rows_and_columns_may_have_magnitudes_of_their_own(program, tmp_path):
    a, b = dyadic(40, 1)
    rows, columns = 2.0 ** np.arange(-100, 100, 5)[:, None], 2.0 ** np.arange(100, -100, -5)[None, :]

    assert np.array_equal(engine(program, tmp_path, a * rows, b * columns), exact_product(a, b) * rows * columns)


@pytest.mark.parametrize("value", [np.inf, np.nan, 1e200])
def test_values_outside_the_safe_range_are_left_to_packed(program, value, tmp_path):
    a, b = dyadic(8, 1)
    a[3, 4] = value

    assert engine(program, tmp_path, a, b) is None


def test_rows_of_zeros_are_safe(program, tmp_path):
    a, b = dyadic(8, 1)
    a[3], b[:, 5] = 0, 0

    assert np.array_equal(engine(program, tmp_path, a, b), exact_product(a, b))


def test_program_of_the_peak_is_compiled_and_says_that_there_is_no_gpu(tmp_path):
    kernel, executor = KERNELS[0], NativeExecutor(load_config().build_dir)
    built(kernel, executor)
    if not lacking_for(kernel):
        pytest.skip("this machine has a GPU")

    found = measure_device_peaks([kernel], executor, load_config(), tmp_path, host.usable_cpus(1))["cuda"]

    assert isinstance(found, Absent) and not found.reason.startswith("its program")


@pytest.mark.parametrize("kernel", KERNELS, ids=[kernel.id for kernel in KERNELS])
def test_kernel_is_compiled_and_says_that_there_is_no_gpu(kernel, tmp_path):
    """Where there is nvcc, for both kinds of chips; test_contract.py has the checks where there is a GPU."""
    out = built(kernel, NativeExecutor(load_config().build_dir)).path
    if not lacking_for(kernel):
        pytest.skip("this machine has a GPU")
    np.ones(1).tofile(tmp_path / "a")

    done = subprocess.run(
        [out, "a", "a", "c", "1", "1", "1", "1"], cwd=tmp_path, env=os.environ, capture_output=True, check=False
    )

    assert done.returncode == SKIP_STATUS and done.stderr
