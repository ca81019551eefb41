"""Test which packages are advised and installed on systems beside Debian, by recorded files and a recording `dnf`."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest

from harness.config.kernels import load_kernels
from harness.execute import launcher, package_manager
from harness.execute.native import NativeExecutor
from harness.execute.package_manager import APK, APT, DNF, PACMAN, advice, manager_of, own_manager
from harness.execute.toolchains import provide_missing
from harness.model.job import Provided
from harness.util.paths import ROOT
from tests import factories

DEBIAN = {"ID": "debian", "VERSION_ID": "12"}
UBUNTU = {"ID": "ubuntu", "ID_LIKE": "debian"}
MINT = {"ID": "linuxmint", "ID_LIKE": "ubuntu debian"}
FEDORA = {"ID": "fedora", "VERSION_ID": "43", "VARIANT_ID": "container"}
ROCKY = {"ID": "rocky", "ID_LIKE": "rhel centos fedora"}
ARCH = {"ID": "arch", "BUILD_ID": "rolling"}
MANJARO = {"ID": "manjaro", "ID_LIKE": "arch"}
ALPINE = {"ID": "alpine", "VERSION_ID": "3.23.0"}
NIXOS = {"ID": "nixos"}


@pytest.fixture
def system(monkeypatch):
    """Return a function that makes this the system of a recorded /etc/os-release."""

    def be(release: dict[str, str]) -> None:
        own_manager.cache_clear()
        monkeypatch.setattr(platform, "freedesktop_os_release", lambda: release)

    yield be
    own_manager.cache_clear()


@pytest.mark.parametrize(
    ("release", "manager"),
    [
        *((release, APT) for release in (DEBIAN, UBUNTU, MINT)),
        *((release, DNF) for release in (FEDORA, ROCKY)),
        *((release, PACMAN) for release in (ARCH, MANJARO)),
        (ALPINE, APK),
        (NIXOS, None),
        ({}, None),
    ],
)
def test_package_manager_follows_from_the_system(release, manager):
    assert manager_of(release) == manager


@pytest.mark.parametrize(
    ("release", "command"),
    [
        (DEBIAN, "sudo apt-get install gcc libc6-dev"),
        (FEDORA, "sudo dnf install gcc glibc-devel glibc-static"),
        (ARCH, "sudo pacman -S --needed gcc"),
        (ALPINE, "doas apk add gcc musl-dev"),
        (NIXOS, "install what Debian calls gcc, libc6-dev"),
    ],
)
def test_advice_is_a_command_of_the_system(system, release, command):
    system(release)

    assert advice(launcher.TOOLS) == command


def test_packages_that_are_not_known_there_are_named_as_debian_does(system):
    system(FEDORA)

    assert advice(factories.toolchain(apt=("nim",), backports=("gcc",))) == "install what Debian calls nim, gcc"
    assert advice(factories.toolchain()) == ""


@pytest.mark.parametrize("manager", [DNF, PACMAN, APK], ids=lambda manager: manager.key)
def test_every_language_has_its_packages(manager):
    """Those of a rung with other packages than its language, which are libraries, may be unknown."""
    rungs = {kernel.language: kernel.toolchain for kernel in load_kernels(ROOT / "kernels") if kernel.rung == "naive"}

    assert [name for name, toolchain in rungs.items() if toolchain.apt and not manager.packages(toolchain)] == []


def test_a_rung_s_own_packages_make_the_list_incomplete():
    """With the language's alone, its toolchain would still be missing after the advice was followed."""
    kernels = {kernel.id: kernel for kernel in load_kernels(ROOT / "kernels")}

    assert DNF.packages(kernels["c/naive"].toolchain) and not DNF.packages(kernels["c/library-openblas"].toolchain)


PROGRAM = """#!/bin/sh
echo "$*" >> {folder}/calls
case "$*" in
  "repoquery --quiet gnucobol") echo gnucobol-3.2 ;;
  install*gnucobol*) printf '#!/bin/sh\\necho cobc 3.2\\n' > {folder}/cobc-none; chmod +x {folder}/cobc-none ;;
esac
"""


def test_a_toolchain_is_installed_by_the_system_s_package_manager(system, tmp_path, monkeypatch):
    """A program in dnf's place records its arguments, and puts the compiler on the path."""
    system(FEDORA)
    (tmp_path / "dnf").write_text(PROGRAM.format(folder=tmp_path))
    (tmp_path / "dnf").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    toolchain = factories.toolchain(
        apt=("gnucobol4",), dnf=("gnucobol-next | gnucobol",), version_command="cobc-none --version"
    )
    executor, said = NativeExecutor(tmp_path / "build"), []

    provide_missing([toolchain], executor.provide, said.append)
    executor.forget_absent()

    install = "install --assumeyes --quiet --setopt=install_weak_deps=False gnucobol"
    queries = ["repoquery --quiet gnucobol-next", "repoquery --quiet gnucobol"]
    assert [call for call in calls_in(tmp_path) if call not in queries] == [install]
    assert said == [f"Installing: dnf {install}"]
    assert executor.provide(toolchain) == Provided("cobc 3.2")


def calls_in(folder: Path) -> list[str]:
    return (folder / "calls").read_text().splitlines()


def test_without_root_the_command_is_printed(system, tmp_path, monkeypatch):
    system(ALPINE)
    monkeypatch.setattr(package_manager.PackageManager, "usable", lambda _: True)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    executor, said = NativeExecutor(tmp_path / "build"), []
    toolchain = factories.toolchain(apk=("gnucobol",), version_command="cobc-none --version")

    provide_missing([toolchain], executor.provide, said.append)

    assert said == ["Not installed, because this needs root: doas apk add gnucobol"]
