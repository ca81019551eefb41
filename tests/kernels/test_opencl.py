"""Test OpenCL's kernels on the CPU: special values, the choice of the device, and what the GPU's kernels compute."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import numpy as np
import pytest

from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.execute.kernel_output import KernelOutput, parse_output
from harness.execute.native import NativeExecutor, environment
from harness.measure.device_peak import measure_device_peaks
from harness.measure.peak import measure_peak
from harness.model.job import SKIP_STATUS, Absent
from harness.model.machine import DevicePeak
from harness.prepare.check import Passed, Workspace, check, check_inputs
from harness.system import host
from harness.util.paths import ROOT
from tests.needs import built

CONFIG = load_config()
KERNELS = {kernel.id: kernel for kernel in load_kernels(ROOT / "more") if kernel.language == "opencl"}
ON_CPU = [name for name in KERNELS if not name.endswith("-gpu")]
N = 37
"""No multiple of a tile's sides."""


def launch(name, folder, a, b, *options, **variables):
    """Run a kernel on these matrices as the harness does; return the ended process and C."""
    out = built(KERNELS[name], NativeExecutor(CONFIG.build_dir)).path
    a.tofile(folder / "a")
    b.tofile(folder / "b")
    words = [out, *(options or ("--device", "cpu")), "a", "b", "c", N, N, 2, 2]
    done = subprocess.run(
        list(map(str, words)), cwd=folder, env=environment() | variables, capture_output=True, text=True, check=False
    )
    return done, np.fromfile(folder / "c").reshape(N, N) if done.returncode == 0 else None


def small_integers(seed):
    return np.random.default_rng(seed).integers(-4, 5, (N, N)).astype("<f8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return one work folder for several launches: CLBlast's kernels are then compiled once."""
    return tmp_path_factory.mktemp("opencl")


@pytest.mark.parametrize("name", ON_CPU)
def test_subnormal_numbers_are_computed_to_the_last_bit(name, folder):
    a, b = small_integers(1), small_integers(2)

    _, c = launch(name, folder, a * 2.0**-1070, b)

    assert np.array_equal(c, (a @ b) * 2.0**-1070) and np.any(c)


@pytest.mark.parametrize("name", ON_CPU)
def test_infinities_and_nans_stay_in_their_rows_and_columns(name, folder):
    a, b = small_integers(1) + 10, small_integers(2) + 10
    a[5, 7], a[6, 8], b[9, 10] = np.inf, np.nan, -np.inf

    _, c = launch(name, folder, a, b)

    with np.errstate(invalid="ignore"):
        expected = np.array([[np.sum(row * column) for column in b.T] for row in a])
    assert np.array_equal(c, expected, equal_nan=True)


def test_kernel_for_a_gpu_passes_every_check_on_the_cpu(tmp_path):
    """The other rungs for GPUs have the same sources as those for CPUs."""
    kernel, executor = KERNELS["opencl/packed-gpu"], NativeExecutor(CONFIG.build_dir)
    artefact = built(kernel, executor)
    on_cpu = replace(kernel, run="{out} --device cpu")
    inputs = check_inputs(CONFIG.check_sizes, CONFIG.seed, tmp_path / "inputs")

    verdict = check(
        on_cpu, artefact, inputs, Workspace(executor, CONFIG.build_dir, tmp_path, CONFIG.threads, host.usable_cpus(2))
    )

    assert isinstance(verdict, Passed), verdict


def test_device_its_driver_and_its_times_are_told(tmp_path):
    done, _ = launch("opencl/tiled", tmp_path, small_integers(1), small_integers(2))

    output = parse_output(done.stdout.encode(), 2)
    assert isinstance(output, KernelOutput)
    assert output.device and "PoCL" in output.driver
    assert all(0 < on_device <= call for on_device, call in zip(output.device_ns, output.times_ns, strict=True))


def test_variable_names_the_device_where_no_option_does(tmp_path):
    built_path = built(KERNELS["opencl/tiled"], NativeExecutor(CONFIG.build_dir)).path
    env = environment() | {"OPENCL_DEVICE": "abacus"}
    for name in "ab":
        small_integers(1).tofile(tmp_path / name)

    done = subprocess.run(
        [built_path, "a", "b", "c", f"{N}", f"{N}", "1", "1"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (1, "--device: expected any, cpu or gpu\n")


def test_machine_without_a_driver_is_a_reason_to_skip(tmp_path):
    drivers = {"OCL_ICD_VENDORS": str(tmp_path), "OCL_ICD_FILENAMES": ""}

    done, _ = launch("opencl/tiled", tmp_path, small_integers(1), small_integers(2), "--device", "any", **drivers)

    assert (done.returncode, done.stderr) == (SKIP_STATUS, "no OpenCL device on this machine\n")


def test_peak_of_the_device_is_about_that_of_its_processor(tmp_path):
    """On the CPU, both programs measure the same units: one thread of PoCL's reaches what peak.c does."""
    kernel, executor = KERNELS["opencl/packed-gpu"], NativeExecutor(CONFIG.build_dir)
    built(kernel, executor)
    on_cpu = replace(kernel, peak=replace(kernel.peak, run="{out} --device cpu"))
    config, cpus = replace(CONFIG, threads=1), host.usable_cpus(1)

    found = measure_device_peaks([on_cpu], executor, config, tmp_path, cpus)["opencl"]
    processor = measure_peak(executor, tmp_path, 1, cpus)

    assert isinstance(found, DevicePeak), found
    assert 0.3 < found.best_gflops / processor.gflops[1] < 1.5 and found.memory_gbs > 0


def test_machine_without_a_gpu_has_no_peak_of_one(tmp_path):
    kernel, executor = KERNELS["opencl/packed-gpu"], NativeExecutor(CONFIG.build_dir)
    built(kernel, executor)

    found = measure_device_peaks([kernel], executor, CONFIG, tmp_path, host.usable_cpus(1))["opencl"]

    if isinstance(found, DevicePeak):
        pytest.skip("this machine has a GPU")
    assert found == Absent("no GPU with an OpenCL driver")


def test_compiled_kernels_are_kept_in_the_work_folder(tmp_path):
    launch("opencl/tiled", tmp_path, small_integers(1), small_integers(2), HOME=str(tmp_path / "home"))

    assert (tmp_path / ".pocl").is_dir() and not (tmp_path / "home").exists()
