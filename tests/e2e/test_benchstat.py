"""Read an export with benchstat, which is built for it."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from harness.execute.native import environment
from harness.export import exported
from harness.model.results import Results
from tests import factories
from tests.needs import need
from tests.unit.export.example_run import RECORD, ROWS, SAMPLES

LAUNCHES = 6
"""Launches of each kernel: from so many values, benchstat has an interval."""


def run(factor: float) -> Results:
    """Return the example run, in which toy/interchange takes `factor` times its time; launches vary by 0.5%."""
    samples = {}
    for row in ROWS:
        varied = factor if row.kernel == "toy/interchange" else 1
        samples[row.kernel] = [
            replace(sample, ns=round(sample.ns * varied * (1 + 0.001 * launch)), launch=100 * launch + sample.launch)
            for launch in range(LAUNCHES)
            for sample in SAMPLES.get(row.kernel, [])
        ]
    return factories.results(ROWS, RECORD, samples=samples)


def output_of(*command: str, cwd: Path, **variables: str) -> str:
    """Return what a program prints; it must succeed."""
    environ = {**os.environ, **variables}
    done = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def benchstat(tmp_path) -> str:
    """Build benchstat, and return its path."""
    go = shutil.which("go", path=environment()["PATH"])
    need(go, "Go")
    words = (str(go), "install", "golang.org/x/perf/cmd/benchstat@latest")
    output_of(*words, cwd=tmp_path, GOBIN=str(tmp_path / "bin"), GOFLAGS="-mod=mod", GOWORK="off")
    return str(tmp_path / "bin" / "benchstat")


@pytest.mark.long(8)
def test_benchstat_finds_the_difference(benchstat, tmp_path):
    (tmp_path / "before").write_text(exported("benchstat", run(1)))
    (tmp_path / "after").write_text(exported("benchstat", run(1.1)))

    text = output_of(benchstat, "before", "after", cwd=tmp_path)
    by_rung = output_of(benchstat, "-row", "/rung", "-col", "/language", "before", cwd=tmp_path)

    [changed] = [line for line in text.splitlines() if "/rung=interchange/" in line]
    [same] = [line for line in text.splitlines() if "/rung=packed/" in line]
    assert "+10.00% (p=0.000" in changed and " ~ " in same
    assert text.count("vs base") == 1, "the kernels stand in one table"
    assert "interchange   4.0" in by_rung
