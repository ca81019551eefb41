"""Define the fixtures that all tests share, and mark tests by their folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.execute import docker_command
from harness.model.config import Config
from harness.model.job import Absent
from harness.system import lock
from tests import factories
from tests.longest_first import longest_first, processes, seconds_of
from tests.needs import need
from tests.toy import make_project

MARKS = {"kernels": pytest.mark.toolchain}
"""The mark of every test of a folder."""


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Mark each test as its folder says, and put the longest of those that are selected first."""
    for item in items:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        if folder in MARKS:
            item.add_marker(MARKS[folder])
    yield
    items[:] = longest_first(items, processes(config), seconds_of)


@pytest.fixture(autouse=True, scope="session")
def _own_lock(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give each test process its own lock instead of the host's, so that tests can run at the same time."""
    os.environ["TMPDIR"] = tempfile.tempdir = str(tmp_path_factory.mktemp("tmp"))
    os.environ[lock.VARIABLE] = f"{tempfile.tempdir}/lock"


@pytest.fixture
def engine() -> str:
    """Return the version of a Docker engine that answers and has the base image."""
    version = docker_command.engine_version()
    need(not isinstance(version, Absent), f"a Docker engine: {version}")
    base = docker_command.base_image()
    need(not isinstance(base, Absent), f"{docker_command.BASE}: {base}")
    return str(version)


@pytest.fixture
def compiler() -> str:
    """Return the path of gcc."""
    path = shutil.which("gcc")
    need(path, "gcc")
    return str(path)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Return the default configuration with a small n, which writes everything under tmp_path."""
    return factories.config(tmp_path)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with a config.yaml and the language `toy`."""
    return make_project(tmp_path)
