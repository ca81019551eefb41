"""Test CUDA's kernels without a GPU: on a CPU, with functions in the place of a GPU's instructions, and by nvcc."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.execute.native import NativeExecutor
from harness.measure.device_peak import measure_device_peaks
from harness.model.job import SKIP_STATUS, Absent, Built, Provided
from harness.model.kernel import Kernel
from harness.prepare.build import build
from harness.prepare.check import Passed, Workspace, check, check_inputs
from harness.prepare.inputs import dyadic, exact_product
from harness.system import host
from harness.system.devices import lacking_for
from harness.util.paths import ROOT
from tests.needs import built, need

CUDA = ROOT / "more" / "cuda"
ON_CPU = ROOT / "tests" / "kernels" / "cuda_on_cpu"
KERNELS = [kernel for kernel in load_kernels(ROOT / "more") if kernel.language == "cuda"]
OWN = [kernel.id for kernel in KERNELS if not kernel.rung.startswith("library")]
ENGINES = [name for name in OWN if "engine" in name]
COMPILE = "g++ -std=c++17 -O2 -march=native -fno-strict-aliasing -Wall -Wextra -Wno-unknown-pragmas -x c++"
WAYS = {"late": "-ffp-contract=off", "early": "-ffp-contract=fast -DEARLY_COPIES"}
"""When copies to shared memory arrive: as late as they may, or at once. The device's compiler fuses multiplications and
additions, and the results must not depend on that either."""

SIZES = (1, 2, 3, 17, 64, 130)
"""Sizes of the checks: below, at and above the sides of a block."""


def write_for_cpu(folder: Path) -> None:
    """Write the sources of more/cuda for a compiler of C++, which knows no launches and no shared memory."""
    shutil.copytree(CUDA, folder)
    for path in (*folder.glob("*.cu"), *folder.glob("*.cuh")):
        text = path.read_text()
        text = re.sub(
            r"extern __shared__ (?:__align__\(\d+\) )?([\w ]+) (\w+)\[\];",
            r"\1 *\2 = static_cast<\1 *>(cuda_on_cpu::dynamic_shared());",
            text,
        )
        path.write_text(re.sub(r"([\w:]+)<<<(.+?)>>>\(", r"cuda_on_cpu::launch(\1, \2)(", text))
    for path in ON_CPU.iterdir():
        shutil.copy(path, folder)


def for_cpu(kernel: Kernel, folder: Path, way: str) -> Kernel:
    toolchain = replace(kernel.toolchain, apt=("g++",), pip=(), device="", version_command="g++ --version")
    command = f"{COMPILE} {WAYS[way]} {{flags}} -include cuda_on_cpu.h -o {{out}} {{source}} driver.cu device.cu"
    return replace(kernel, folder=folder, build=(command,), toolchain=toolchain, optional="")


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """Return a function that builds a kernel for the CPU, once; it returns kernel, artefact and where it is."""
    need(shutil.which("g++"), "g++")
    home, found = tmp_path_factory.mktemp("cuda"), {}
    write_for_cpu(home / "sources")

    def program(name, way="late"):
        if (name, way) not in found:
            [kernel] = [for_cpu(kernel, home / "sources", way) for kernel in KERNELS if kernel.id == name]
            build_dir, limits = home / way, load_config().limits
            executor = NativeExecutor(build_dir)
            provided = executor.provide(kernel.toolchain)
            assert isinstance(provided, Provided), provided
            cpu, cpus = host.cpu_identity(), host.usable_cpus(2)
            artefact = build(kernel, provided, executor, build_dir, limits, cpu, cpus)
            assert isinstance(artefact, Built), artefact
            found[name, way] = kernel, artefact, executor, build_dir
        return found[name, way]

    return program


def launch(out, folder, a, b):
    """Call a program twice; return the ended process, and C where it ended well."""
    a.tofile(folder / "a")
    b.tofile(folder / "b")
    words = [out, "a", "b", "c", len(b), len(a), 1, 2]
    done = subprocess.run(list(map(str, words)), cwd=folder, capture_output=True, text=True, check=False)
    return done, np.fromfile(folder / "c").reshape(len(a), -1) if done.returncode == 0 else None


def product(program, name, folder, a, b):
    """Return the product by a kernel on the CPU."""
    done, c = launch(program(name)[1].path, folder, a, b)
    assert done.returncode == 0, done.stderr
    return c


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    return check_inputs(SIZES, 1, tmp_path_factory.mktemp("inputs"))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", OWN)
def test_kernel_passes_every_check_on_a_cpu(name, way, program, inputs, tmp_path):
    kernel, artefact, executor, build_dir = program(name, way)

    verdict = check(kernel, artefact, inputs, Workspace(executor, build_dir, tmp_path, 1, host.usable_cpus(1)))

    assert isinstance(verdict, Passed), verdict
    assert verdict.error_share <= 1


@pytest.mark.parametrize("name", ENGINES)
def test_equal_entries_are_correct_to_the_last_bit(name, program, tmp_path):
    a = np.full((64, 64), 1 - 2.0**-53)

    assert np.array_equal(product(program, name, tmp_path, a, a), np.full((64, 64), 64 * (1 - 2.0**-52)))


@pytest.mark.parametrize("name", ENGINES)
def test_rows_and_columns_may_have_magnitudes_of_their_own(name, program, tmp_path):
    a, b = dyadic(40, 1)
    rows, columns = 2.0 ** np.arange(-100, 100, 5)[:, None], 2.0 ** np.arange(100, -100, -5)[None, :]

    c = product(program, name, tmp_path, a * rows, b * columns)

    assert np.array_equal(c, exact_product(a, b) * rows * columns)


@pytest.mark.parametrize("name", OWN)
def test_infinities_and_nans_stay_in_their_rows_and_columns(name, program, tmp_path):
    """The engine leaves such a product to packed."""
    random = np.random.default_rng(1)
    a, b = random.integers(1, 9, (37, 37)).astype("<f8"), random.integers(1, 9, (37, 37)).astype("<f8")
    a[5, 7], a[6, 8], b[9, 10] = np.inf, np.nan, -np.inf

    c = product(program, name, tmp_path, a, b)

    with np.errstate(invalid="ignore"):
        expected = np.array([[np.sum(row * column) for column in b.T] for row in a])
    assert np.array_equal(c, expected, equal_nan=True)


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("scale", [1e200, 1e-200])
def test_values_near_the_ends_of_the_range_are_multiplied(name, scale, program, tmp_path):
    a, b = dyadic(8, 1)
    a[3] *= scale

    expected = exact_product(dyadic(8, 1)[0], b)
    expected[3] *= scale

    assert np.allclose(product(program, name, tmp_path, a, b), expected, rtol=1e-15, atol=0)


@pytest.mark.parametrize("name", ENGINES)
def test_rows_and_columns_of_zeros_are_multiplied(name, program, tmp_path):
    a, b = dyadic(8, 1)
    a[3], b[:, 5] = 0, 0

    assert np.array_equal(product(program, name, tmp_path, a, b), exact_product(a, b))


@pytest.mark.parametrize(
    ("name", "removed", "message"),
    [
        ("cuda/tiled", "__syncthreads();", ""),
        ("cuda/packed", "__syncthreads();", ""),
        ("cuda/packed", "wait_for_copies<STAGES - 2>();", ""),
        ("cuda/engine", "__syncthreads();", ""),
        ("cuda/engine-wgmma", "publish_copies();", "no fence published"),
        ("cuda/engine-wgmma", "begin_group_steps();", "not begun by a fence"),
        ("cuda/packed", "packed::allow_shared_memory();", "invalid argument"),
    ],
)
def test_missing_instruction_is_found_on_the_cpu(name, removed, message, tmp_path):
    """Otherwise a kernel that passes there would say little about a GPU."""
    need(shutil.which("g++"), "g++")
    sources = tmp_path / "sources"
    write_for_cpu(sources)
    [kernel] = [kernel for kernel in KERNELS if kernel.id == name]
    changed = 0
    for path in (*sources.glob("*.cu"), *sources.glob("*.cuh")):
        text = path.read_text()
        if path.name != "instructions.cuh" and removed in text:
            path.write_text(text.replace(removed, ""))
            changed += 1
    command = [*COMPILE.split(), *kernel.flags.split(), "-include", "cuda_on_cpu.h", "-o", "out", kernel.source]
    subprocess.run([*command, "driver.cu", "device.cu"], cwd=sources, check=True, capture_output=True)
    a, b = dyadic(100, 1)

    done, c = launch(sources / "out", sources, a, b)

    assert changed
    if message:
        assert done.returncode == 1 and message in done.stderr
    else:
        assert done.returncode or not np.array_equal(c, exact_product(a, b))


def test_lanes_that_read_together_meet_different_banks(tmp_path):
    need(shutil.which("g++"), "g++")
    command = [
        "g++",
        "-std=c++17",
        f"-I{CUDA}",
        ROOT / "tests" / "kernels" / "cuda_banks.cpp",
        "-o",
        tmp_path / "banks",
    ]
    subprocess.run(command, check=True)

    assert subprocess.run([tmp_path / "banks"], capture_output=True, text=True, check=True).stdout == "1\n"


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
