"""Kernels that were written to cheat, judged as a user judges them: each is caught, and no honest kernel is accused."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from harness.execute import docker_command
from harness.model.job import Absent
from harness.selftest.case import Case
from harness.selftest.catalogue import catalogue
from harness.selftest.command import NAME, load
from harness.util.paths import ROOT
from tests.command import harness
from tests.needs import need
from tests.once import make_once

pytestmark = pytest.mark.alone
"""What a kernel says is held against what its launches took: beside another test, both are anybody's guess."""

LIES = [lie.name for lie in catalogue()]


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, Case]]:
    """Return a function from a backend to the case of each kernel."""

    @cache
    def run(backend: str) -> dict[str, Case]:
        if backend == "docker":
            version = docker_command.engine_version()
            need(not isinstance(version, Absent), f"a Docker engine: {version}")

        def make(folder: Path) -> None:
            own = re.sub("(reports|build): auto", r"\1: \1", (ROOT / "config.yaml").read_text())
            (folder / "config.yaml").write_text(own)
            words = ("selftest", "lies", "--trials", "1", "--backend", backend, "--config", folder / "config.yaml")
            done = harness(*map(str, words))
            assert done.returncode == 0, done.stderr

        folder = make_once(tmp_path_factory, f"lies-{backend}", make)
        return {case.kernel: case for case in load(folder / "reports" / NAME)[f"lies-{backend}"]["cases"]}

    return run


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("backend", ["native", "docker"])
def test_a_lie_is_caught_or_gains_nothing(lie, backend, judged):
    case = judged(backend)[lie]

    assert case.flagged, f"not caught; its time is {case.error + 1:.2f} of the honest kernel's"


@pytest.mark.parametrize("backend", ["native", "docker"])
def test_the_honest_kernel_is_not_accused_beside_lies(backend, judged):
    assert judged(backend)["honest"].check == ""


def test_no_daemon_of_a_lie_is_left(judged):
    judged("native")

    assert "@lie-daemon" not in Path("/proc/net/unix").read_text()
