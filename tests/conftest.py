"""What the tests share: small configs and languages, and the rule that nothing is skipped where all must run."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.config.load import load_config
from harness.execute import docker_command
from harness.execute.native import NativeExecutor
from harness.model.config import Backend, Config
from harness.model.job import Absent, Built, Provided
from harness.model.kernel import Kernel
from harness.prepare.build import build
from harness.system import host
from harness.util.paths import ROOT

REQUIRED = os.environ.get("HARNESS_REQUIRE_ALL") == "1"
"""Set by .ci/run: a missing engine, browser or toolchain is then a failure, not a skip."""


def need(condition: object, what: str) -> None:
    """Skip a test for want of `what`; where everything must be there, fail it."""
    if not condition:
        (pytest.fail if REQUIRED else pytest.skip)(f"needs {what}")


@pytest.fixture(autouse=True, scope="session")
def _own_lock(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Tests that run at the same time hold locks of their own, not the host's."""
    os.environ["TMPDIR"] = tempfile.tempdir = str(tmp_path_factory.mktemp("tmp"))


@pytest.fixture
def engine() -> str:
    """A Docker engine that answers, with the base image."""
    found = docker_command.engine_version()
    need(not isinstance(found, Absent), f"a Docker engine: {found}")
    base = docker_command.base_image()
    need(not isinstance(base, Absent), f"{docker_command.BASE}: {base}")
    return str(found)


@pytest.fixture
def compiler() -> str:
    """The path of gcc."""
    found = shutil.which("gcc")
    need(found, "gcc")
    return str(found)


def built(kernel: Kernel, executor: NativeExecutor) -> Built:
    """A kernel built by its real toolchain into the project's build folder; needs that toolchain."""
    provided = executor.provide(kernel.toolchain)
    need(isinstance(provided, Provided), f"{kernel.toolchain.version_command}: {provided}")
    config, cpus = load_config(), host.usable_cpus(2)
    result = build(kernel, provided, executor, config.build_dir, config.limits, host.cpu_identity(), cpus)
    assert isinstance(result, Built), result
    return result


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """The defaults, at a small n, with everything that is written under tmp_path."""
    return replace(
        load_config(),
        n=64,
        threads=2,
        backend=Backend.NATIVE,
        budget_s=0.2,
        rounds=3,
        min_rounds=3,
        resamples=500,
        reports_dir=tmp_path / "reports",
        build_dir=tmp_path / "build",
    )


def harness(*words: str, cwd: Path = ROOT, timeout: float = 600, **kwargs: object) -> subprocess.CompletedProcess[str]:
    """Run `python -m harness` as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "harness", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        **kwargs,
    )


@contextlib.contextmanager
def started(*words: str) -> Iterator[subprocess.Popen[str]]:
    """`python -m harness` under way, its words on pipes; ended with the context, whatever the test found.

    A run that outlived its test would hold the lock of the host, and every test after it would fail. It heeds SIGINT,
    as one that a terminal started does, even where the tests run in a shell's background and ignore it.
    """
    command = [sys.executable, "-m", "harness", *words]
    pipe = subprocess.PIPE

    def heed() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, preexec_fn=heed) as process:
        try:
            yield process
        finally:
            process.kill()


def command_lines() -> dict[int, list[str]]:
    """The arguments of every process of this machine, by its number."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has ended since its folder was listed
            found[int(path.parent.name)] = path.read_text(errors="replace").split("\0")[:-1]
    return found


CONFIG = """
n: 64
threads: 2
seed: 1
backend: native
baseline: toy/naive
budget_s: 0.2
rounds: 3
min_rounds: 3
target: 0.5
pages: as-is
only: []
quick: {n: 32, budget_s: 0.1, rounds: 2}
sizes: {n: [], budget_s: 0.1, rounds: 3}
check_sizes: [1, 2, 3, 17]
statistics: {confidence: 0.95, resamples: 500}
limits: {memory_gib: 2, processes: 128, timeout_s: 60, build_timeout_s: 60}
paths: {kernels: kernels, reports: reports, build: build}
"""

KERNEL = """
name: Toy
version: python3 --version
run: python3 {source}
rungs:
  naive: {source: naive.py}
"""

SOURCE = """
import sys, time
from array import array

def main(multiply):
    a_path, b_path, c_path, n, rows, threads, reps = *sys.argv[1:4], *map(int, sys.argv[4:])
    a, b = array("d"), array("d")
    with open(a_path, "rb") as f: a.fromfile(f, rows * n)
    with open(b_path, "rb") as f: b.fromfile(f, n * n)
    for _ in range(reps):
        start = time.perf_counter_ns()
        c = multiply(a, b, n, rows)
        print(time.perf_counter_ns() - start)
    with open(c_path, "wb") as f: array("d", c).tofile(f)

def multiply(a, b, n, rows):
    columns = [b[j::n] for j in range(n)]
    return [sum(map(float.__mul__, a[i * n:(i + 1) * n], column)) for i in range(rows) for column in columns]

def spoil(c):
    return c

main(lambda a, b, n, rows: spoil(multiply(a, b, n, rows)))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a config.yaml and one small language, `toy`, that takes no toolchain but this Python."""
    (tmp_path / "config.yaml").write_text(CONFIG)
    toy = tmp_path / "kernels" / "toy"
    toy.mkdir(parents=True)
    (toy / "kernel.yaml").write_text(KERNEL)
    (toy / "naive.py").write_text(SOURCE)
    return tmp_path


def add_rung(project: Path, name: str, spoil: str) -> None:
    """Add a rung to `toy` whose result goes through `spoil`, the body of a function of c."""
    toy = project / "kernels" / "toy"
    source = name.replace("-", "_") + ".py"
    (toy / source).write_text(SOURCE.replace("    return c\n", f"    {spoil}\n", 1))
    with (toy / "kernel.yaml").open("a") as file:
        file.write(f"  {name}: {{source: {source}}}\n")
