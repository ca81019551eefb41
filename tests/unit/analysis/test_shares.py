"""The shares of the peak: of the matrix engine for the kernels that use it, of the vector units for the others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis.rows import rate_of
from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.model.result import Rate
from tests import factories

CONFIG = replace(load_config(), threads=2)
KERNELS = {kernel.id: kernel for kernel in load_kernels(CONFIG.kernels_dir)}
PEAK = factories.peak({1: 60.0, 2: 120.0}, engine_gops={1: 5000.0, 2: 10_000.0})


def test_an_engine_kernel_has_a_share_of_the_engine_s_peak():
    rate = rate_of(KERNELS["c/engine"], 480.0, PEAK, CONFIG)

    assert rate == Rate(480.0, pytest.approx(15 * 480 / 10_000), pytest.approx(4.0))


def test_another_kernel_has_a_share_of_the_vector_units_peak():
    rate = rate_of(KERNELS["c/packed"], 100.0, PEAK, CONFIG)

    assert rate == Rate(100.0, pytest.approx(100 / 120))


def test_a_kernel_on_a_gpu_has_no_share_of_the_processors_peak():
    kernel = factories.kernel("cuda/packed", toolchain=factories.toolchain(device="nvidia"))

    assert rate_of(kernel, 30_000.0, PEAK, factories.config()) == Rate(30_000.0)


def test_an_engine_kernel_has_no_share_of_an_unknown_peak():
    rate = rate_of(KERNELS["c/engine"], 480.0, replace(PEAK, engine_gops={}), CONFIG)

    assert rate == Rate(480.0, None, pytest.approx(4.0))
