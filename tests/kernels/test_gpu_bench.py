"""Test the bench program for GPUs with programs of the same contract, which compute on the CPU."""

from __future__ import annotations

import subprocess
import sys

import pytest

from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.execute.native import NativeExecutor, environment
from harness.util.paths import ROOT
from tests.needs import built

BENCH = ROOT / "more" / "cuda" / "bench.py"
KERNELS = {kernel.id: kernel for kernel in load_kernels(ROOT / "more")}


@pytest.fixture
def programs(tmp_path):
    """Return a folder with rungs that pass, one that is wrong, and one that cannot run."""
    for rung in ("naive", "packed"):
        out = built(KERNELS[f"opencl/{rung}"], NativeExecutor(load_config().build_dir)).path
        (tmp_path / rung).symlink_to(out)
    scripts = {
        "engine": '#!/bin/sh\nhead -c $((8 * $4 * $5)) /dev/zero > "$3"\n',
        "tiled": "#!/bin/sh\necho no unit here >&2; exit 77\n",
    }
    for rung, text in scripts.items():
        (tmp_path / rung).write_text(text)
        (tmp_path / rung).chmod(0o755)
    return tmp_path


def bench(programs, *rungs):
    """Run the bench program with these rungs; on the CPU, whatever devices there are."""
    words = [word for rung in rungs for word in ("--only", rung)]
    return subprocess.run(
        [sys.executable, BENCH, "--programs", programs, "--n", "64", "--rounds", "2", "--calls", "2", *words],
        env=environment() | {"OPENCL_DEVICE": "cpu"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_rungs_are_checked_and_measured(programs):
    done = bench(programs, "naive", "packed")

    assert done.returncode == 0, done.stderr
    assert done.stderr.count("every bit is right at n = 1, 2, 3, 17, 64, 100, 257") == 2
    rows = [line for line in done.stdout.splitlines() if line.startswith("| `cuda/")]
    assert len(rows) == 2 and "PoCL" in done.stdout


def test_wrong_rung_is_named_and_one_that_cannot_run_is_not(programs):
    done = bench(programs, "engine", "tiled")

    assert done.returncode == 1 and "`cuda/" not in done.stdout
    assert "engine: wrong: 1 of 1 values at n = 1, rows = 1" in done.stderr
    assert "tiled: skipped: no unit here" in done.stderr
