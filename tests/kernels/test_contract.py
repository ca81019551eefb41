"""Every kernel with its real toolchain: it passes all checks, and says so when it cannot read or write."""

from __future__ import annotations

import subprocess
from operator import attrgetter

import numpy as np
import pytest

from harness.config.command_words import words
from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.execute.native import NativeExecutor, environment
from harness.model.job import Failed, FailureCode
from harness.prepare.build import home_of
from harness.prepare.check import Passed, Workspace, check, check_inputs
from harness.system import host
from harness.system.devices import lacking_for
from harness.util.paths import ROOT
from tests.command import harness
from tests.needs import built

CONFIG = load_config()
LOADED = load_kernels(CONFIG.kernels_dir, ROOT / "more", chosen={"c": ("all",)})
# kernels for units that this CPU has not: test_engine.py
KERNELS = [kernel for kernel in LOADED if not lacking_for(kernel)]
# files are read and written by the driver, which is the same for all kernels of a toolchain
ONE_OF_EACH = list({kernel.toolchain: kernel for kernel in reversed(KERNELS)}.values())


@pytest.fixture(scope="module")
def executor():
    return NativeExecutor(CONFIG.build_dir)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    return check_inputs(CONFIG.check_sizes, CONFIG.seed, tmp_path_factory.mktemp("inputs"))


def kernel_param(kernel):
    """Return the parameter of a test of this kernel, marked if it takes long to build."""
    return pytest.param(kernel, id=kernel.id, marks=[pytest.mark.long(150)] if kernel.id == "rust/library-gemm" else [])


@pytest.mark.parametrize("kernel", [kernel_param(kernel) for kernel in KERNELS])
def test_a_kernel_passes_every_check(kernel, executor, inputs, tmp_path):
    artefact = built(kernel, executor)
    (home_of(kernel, executor, CONFIG.build_dir) / "checked.json").unlink(missing_ok=True)
    cpus = host.usable_cpus(2)

    verdict = check(kernel, artefact, inputs, Workspace(executor, CONFIG.build_dir, tmp_path, CONFIG.threads, cpus))

    if kernel.optional and isinstance(verdict, Failed) and verdict.code == FailureCode.CANNOT_RUN_HERE:
        pytest.skip(f"{verdict.reason}: {kernel.optional}")
    assert isinstance(verdict, Passed), verdict
    assert verdict.error_share <= 1


@pytest.mark.parametrize("kernel", ONE_OF_EACH, ids=attrgetter("id"))
@pytest.mark.parametrize("fault", ["short A", "short B", "no A", "full disk", "no arguments"])
def test_a_kernel_says_that_it_cannot_read_or_write(kernel, fault, executor, tmp_path):
    built(kernel, executor)
    artefact = home_of(kernel, executor, CONFIG.build_dir) / "artefact"
    argv = words(
        kernel.run,
        artefact=artefact,
        folder=kernel.folder,
        source=str(kernel.folder / kernel.source),
        flags=kernel.flags,
    )
    n = 32
    a, b, c = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    np.ones(n * n).tofile(a)
    np.ones(n * n).tofile(b)
    match fault:
        case "short A":
            np.ones(n * n - 1).tofile(a)
        case "short B":
            np.ones(n * n - 1).tofile(b)
        case "no A":
            a.unlink()
        case "full disk":
            c = "/dev/full"
    arguments = [] if fault == "no arguments" else [a, b, c, n, n, 1, 1]

    done = subprocess.run(
        [*argv, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment(),
        cwd=tmp_path,
        timeout=60,
        check=False,
    )

    assert done.returncode != 0
    assert done.stderr.strip()


@pytest.fixture
def flipped(project, compiler):
    """Return a project with c/naive, and with a kernel that flips the lowest bit of the last element besides."""
    c = project / "kernels" / "c"
    c.mkdir()
    for name in ("driver.c", "driver.h"):
        (c / name).write_text((CONFIG.kernels_dir / "c" / name).read_text())
    source = (CONFIG.kernels_dir / "c" / "naive.c").read_text()
    (c / "naive.c").write_text(source)
    end = source.rindex("}")
    flip = "    ((unsigned char *)&c[rows * n - 1])[0] ^= 1;\n"
    (c / "flipped.c").write_text(source[:end] + flip + source[end:])
    (c / "kernel.yaml").write_text(
        "name: C\nversion: gcc --version\nbuild: gcc -O2 -o {out} {source} driver.c\nrun: '{out}'\n"
        "rungs:\n  naive: {source: naive.c}\n  naive-flipped: {source: flipped.c}\n"
    )
    return project


def test_a_kernel_in_c_that_flips_one_bit_fails(flipped):
    config = str(flipped / "config.yaml")

    done = harness("check", "c", "--config", config)

    assert done.returncode == 1
    assert "c/naive  passed" in done.stdout
    assert "c/naive-flipped  FAILED at check: 1 of 1 values are wrong" in done.stdout

    done = harness("run-all", "--config", config, "--only", "c/*")

    assert done.returncode == 1
    assert "FAILED c/naive-flipped: check: 1 of 1 values are wrong" in done.stdout
