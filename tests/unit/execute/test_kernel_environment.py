"""Test the environment in which an installed program runs kernels, and into which it installs toolchains."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from harness.execute import kernel_environment
from harness.util.paths import Places


@pytest.fixture
def builds(tmp_path, monkeypatch):
    """Return the folder of builds of an installed program, which this process appears to be."""
    own = Places(True, tmp_path / "data", tmp_path / "builds", tmp_path / "reports")
    monkeypatch.setattr(kernel_environment, "places", lambda: own)
    return own.builds


def test_it_is_beside_the_builds_and_has_the_same_python(builds):
    python = kernel_environment.programs() / "python3"

    done = subprocess.run([python, "-c", "import sys; print(*sys.version_info[:3], sys.prefix)"], capture_output=True)

    assert python.is_relative_to(builds)
    assert done.stdout.decode().split() == [*map(str, sys.version_info[:3]), str(python.parents[1])]


def test_it_is_made_again_when_its_python_is_gone(builds):
    python = kernel_environment.programs() / "python3"
    (python.parent / "python").unlink()
    python.unlink()
    python.symlink_to("/no/such/python")

    assert (kernel_environment.programs() / "python3").exists()


def test_packages_are_installed_by_pip(builds):
    command = kernel_environment.pip_install()

    assert command[:4] == [sys.executable, "-m", "pip", "--python"]
    assert command[4:] == [str(kernel_environment.programs() / "python3"), "install"]


def test_packages_are_installed_by_uv_where_there_is_no_pip(builds, monkeypatch):
    monkeypatch.setenv("UV", "/usr/bin/uv")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

    assert kernel_environment.pip_install()[:4] == ["/usr/bin/uv", "pip", "install", "--python"]


def test_a_checkout_uses_its_own_environment():
    assert str(kernel_environment.programs() / "python") == sys.executable
