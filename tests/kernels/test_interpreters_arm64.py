"""CPython and Java for arm64, from Debian's packages, under qemu: the kernels are right there, too."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.execute.native import NativeExecutor
from harness.model.job import Passed
from harness.prepare.check import Workspace, check, check_inputs
from harness.system import host
from tests.needs import built, need
from tests.once import make_once

CONFIG = load_config()
EMULATOR = "qemu-aarch64-static"
SIZES = (1, 2, 17, 64)

FETCH = """
set -eu
mkdir -p state/lists/partial cache/archives/partial root
apt() {
  apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State=$PWD/state \\
    -o Dir::Cache=$PWD/cache -o Dir::State::status=/dev/null -o Debug::NoLocking=1 -o APT::Sandbox::User=root "$@"
}
apt update
apt install --download-only -y --no-install-recommends PACKAGES
for package in cache/archives/*.deb; do dpkg-deb -x "$package" root; done
"""
"""Unpack packages of another architecture, with all that they depend on, below a folder; the system stays as it is."""


@pytest.fixture(scope="session")
def root_with(tmp_path_factory) -> Callable[[str], Path]:
    """Return a function that unpacks Debian's arm64 packages once, and returns the folder that they are in."""
    need(shutil.which(EMULATOR), EMULATOR)
    need(shutil.which("apt-get"), "apt-get")

    @cache
    def unpacked(packages: str) -> Path:
        def fetch(folder: Path) -> None:
            subprocess.run(["sh", "-c", FETCH.replace("PACKAGES", packages)], cwd=folder, check=True)

        return make_once(tmp_path_factory, f"arm64-{packages.split()[0]}", fetch) / "root"

    return unpacked


def assert_right(name: str, program: str, tmp_path: Path) -> None:
    """Check a kernel whose first word of `run` is replaced by `program`."""
    executor = NativeExecutor(CONFIG.build_dir)
    kernel = next(kernel for kernel in load_kernels(CONFIG.kernels_dir) if kernel.id == name)
    artefact = built(kernel, executor, "arm64")
    foreign = replace(kernel, run=f"{program} {kernel.run.partition(' ')[2]}")
    inputs = check_inputs(SIZES, CONFIG.seed, tmp_path / "inputs")
    workspace = Workspace(executor, CONFIG.build_dir / "arm64", tmp_path, 2, host.usable_cpus(2))

    verdict = check(foreign, artefact, inputs, workspace)

    assert isinstance(verdict, Passed), verdict


@pytest.mark.long(60)
@pytest.mark.parametrize("name", ["python/naive", "python/parallel"])
def test_python_s_kernels_are_right_on_arm64(name, root_with, tmp_path):
    root = root_with("python3-minimal libpython3-stdlib")
    python = next(root.glob("usr/bin/python3.*"))

    assert_right(name, f"{EMULATOR} -L {root} {python}", tmp_path)


@pytest.mark.long(120)
@pytest.mark.parametrize("name", ["java/naive", "java/parallel"])
def test_java_s_kernels_are_right_on_arm64(name, root_with, tmp_path):
    """The classes are those of this machine; the Vector API's kernels take minutes in an emulated JVM."""
    root = root_with("default-jre-headless")
    java = next(root.glob("usr/lib/jvm/*/bin/java"))

    assert_right(name, f"{EMULATOR} -L {root} {java}", tmp_path)
