"""Define the runs that many tests read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from harness.execute import docker_command
from harness.model.job import Absent
from tests import hostile, toy_run
from tests.command import harness
from tests.installed import Installed, install
from tests.needs import need
from tests.once import make_once
from tests.toy_run import ToyRun, copy_project


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory: pytest.TempPathFactory) -> ToyRun:
    """Return a run of two kernels that ended well; it is shared, and so may only be read."""
    return toy_run.finished_run(tmp_path_factory)


@pytest.fixture(scope="session")
def failed_run(tmp_path_factory: pytest.TempPathFactory) -> ToyRun:
    """Return a run of three kernels of which one is wrong; it is shared, and so may only be read."""
    return toy_run.failed_run(tmp_path_factory)


@pytest.fixture(scope="module")
def chromium():
    """Start a headless chromium."""
    path = shutil.which("chromium")
    need(path, "Debian's chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def copied_run(finished_run: ToyRun, tmp_path: Path) -> ToyRun:
    """Return a copy of the finished run, which the test may change."""
    return replace(finished_run, project=copy_project(finished_run.project, tmp_path / "copy"))


@pytest.fixture
def reported_copy(copied_run: ToyRun) -> ToyRun:
    """Return a copy of the finished run whose page is of the copy: a path that is longer changes the size of a file."""
    done = harness("report", str(copied_run.folder), "--config", copied_run.config)
    assert done.returncode == 0, done.stderr
    return copied_run


@pytest.fixture
def checked_project(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    """Return a copy of a project whose only kernel, toy/naive, is built and checked already."""
    return copy_project(toy_run.checked_project(tmp_path_factory), tmp_path / "checked")


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Return the program, installed from a wheel; it is shared, and a test may change its builds only."""
    return Installed(make_once(tmp_path_factory, "installed", install))


@dataclass(frozen=True)
class HostileRun:
    """The rows of a run of all hostile kernels, and the number that the processes of these have as an argument."""

    rows: pd.DataFrame
    mark: str


@pytest.fixture(scope="session")
def hostile_run(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], HostileRun]:
    """Return a function from a backend to a run of all hostile kernels on it."""

    @cache
    def run(backend: str) -> HostileRun:
        if backend == "docker":
            version = docker_command.engine_version()
            need(not isinstance(version, Absent), f"a Docker engine: {version}")

        def make(folder: Path) -> None:
            (folder / "mark").write_text(f"86{os.getpid()}")
            hostile.write_project(folder, backend, (folder / "mark").read_text())
            hostile.run_project(folder)

        folder = make_once(tmp_path_factory, f"hostile-{backend}", make)
        return HostileRun(hostile.rows(folder), (folder / "mark").read_text())

    return run
