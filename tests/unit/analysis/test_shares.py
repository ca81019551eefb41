"""The shares of the peak: of the matrix engine for the kernels that use it, of the vector units for the others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis.estimate import estimates_of
from harness.analysis.rows import rate_of, rows_of
from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.model.result import Rate
from tests import factories

CONFIG = replace(load_config(), threads=2)
KERNELS = {kernel.id: kernel for kernel in load_kernels(CONFIG.kernels_dir)}
PEAK = factories.peak({1: 60.0, 2: 120.0}, engine_gops={1: 5000.0, 2: 10_000.0})
ON_GPU = factories.kernel("cuda/packed", toolchain=factories.toolchain(device="nvidia"))
WITH_DEVICE = replace(PEAK, devices={"cuda": factories.device_peak({"FMA": 30_000.0, "mma": 60_000.0})})


def test_an_engine_kernel_has_a_share_of_the_engine_s_peak():
    rate = rate_of(KERNELS["c/engine"], 480.0, PEAK, CONFIG)

    assert rate == Rate(480.0, pytest.approx(15 * 480 / 10_000), pytest.approx(4.0))


def test_another_kernel_has_a_share_of_the_vector_units_peak():
    rate = rate_of(KERNELS["c/packed"], 100.0, PEAK, CONFIG)

    assert rate == Rate(100.0, pytest.approx(100 / 120))


def test_a_kernel_on_a_gpu_has_no_share_of_the_processors_peak():
    kernel = factories.kernel("cuda/packed", toolchain=factories.toolchain(device="nvidia"))

    assert rate_of(kernel, 30_000.0, PEAK, factories.config()) == Rate(30_000.0)


def test_a_kernel_on_a_gpu_has_a_share_of_its_best_way_of_computing():
    rate = rate_of(ON_GPU, 30_000.0, WITH_DEVICE, factories.config())

    assert rate == Rate(30_000.0, pytest.approx(0.5))


def test_a_kernel_on_a_gpu_has_no_share_of_another_language_s_device():
    kernel = replace(ON_GPU, language="opencl")

    assert rate_of(kernel, 30_000.0, WITH_DEVICE, factories.config()) == Rate(30_000.0)


def test_products_of_bytes_on_a_gpu_have_no_share_of_its_float64_peak():
    kernel = replace(ON_GPU, int8_products=15)

    assert rate_of(kernel, 90_000.0, WITH_DEVICE, factories.config()) == Rate(90_000.0)


def gpu_row(device_ns):
    """Return the row of a kernel whose calls take 2 s, so much of them on a device of 1 GFLOPS, at n = 1000."""
    fields = {"kernel": ON_GPU.id, "n": 1000, "device": "A", "device_ns": device_ns}
    one = {ON_GPU.id: [sample for number in range(2) for sample in factories.launch([2e9] * 3, number, **fields)]}
    peak = replace(PEAK, devices={"cuda": factories.device_peak({"FMA": 1.0})})
    [row] = rows_of([ON_GPU], one, estimates_of(one, 1000), factories.config(n=1000), peak=peak)
    return row


def test_share_in_the_time_on_the_device_alone_is_higher():
    row = gpu_row(device_ns=1_900_000_000)

    assert row.rate.peak_share == pytest.approx(1.0) and row.device.peak_share == pytest.approx(2 / 1.9)


def test_rate_above_the_peak_in_the_time_on_the_device_fails_the_row():
    """The device's clock is too slow, though the time of the call is plausible."""
    row = gpu_row(device_ns=1_000_000_000)

    assert row.status == "failed"
    assert "above-peak: 200% of the measured peak" in row.reason and row.reason.endswith("on its device alone")


def test_an_engine_kernel_has_no_share_of_an_unknown_peak():
    rate = rate_of(KERNELS["c/engine"], 480.0, replace(PEAK, engine_gops={}), CONFIG)

    assert rate == Rate(480.0, None, pytest.approx(4.0))
