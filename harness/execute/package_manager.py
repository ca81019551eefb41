"""Know how a system installs packages: Debian's, Fedora's, Arch's and Alpine's ways."""

from __future__ import annotations

import platform
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from harness.model.kernel import Toolchain


@dataclass(frozen=True)
class PackageManager:
    """The commands of a package manager, without the names of packages. `key` names its packages in kernel.yaml.

    `install` asks nothing, for the harness; `by_hand` is what a user types. `update` fetches the lists of packages; it
    is empty where the others do so themselves, or where new lists would call for an upgrade of the whole system.
    `query` fails, or prints nothing, if there is no such package.
    """

    key: str
    install: tuple[str, ...]
    by_hand: tuple[str, ...]
    update: tuple[str, ...]
    query: tuple[str, ...]

    def usable(self) -> bool:
        """Return whether its programs are here."""
        return bool(shutil.which(self.install[0]))

    def packages(self, toolchain: Toolchain) -> tuple[str, ...]:
        """Return the packages of a toolchain by this manager's names; none if kernel.yaml does not give them."""
        return tuple(map(self._existing, _names(toolchain, self.key)))

    def _existing(self, package: str) -> str:
        """Return the first name of `a | b` that can be installed here."""
        names = package.split(" | ")
        for name in names if len(names) > 1 and shutil.which(self.query[0]) else []:
            done = subprocess.run([*self.query, name], capture_output=True, check=False)
            if done.returncode == 0 and done.stdout:
                return name
        return names[0]


APT = PackageManager(
    key="apt",
    install=("apt-get", "install", "-y", "-qq", "--no-install-recommends"),
    by_hand=("sudo", "apt-get", "install"),
    update=("apt-get", "update", "-qq"),
    query=("apt-cache", "show"),
)
DNF = PackageManager(
    key="dnf",
    install=("dnf", "install", "--assumeyes", "--quiet", "--setopt=install_weak_deps=False"),
    by_hand=("sudo", "dnf", "install"),
    update=(),
    query=("dnf", "repoquery", "--quiet"),
)
PACMAN = PackageManager(
    key="pacman",
    install=("pacman", "-S", "--noconfirm", "--needed", "--quiet"),
    by_hand=("sudo", "pacman", "-S", "--needed"),
    update=(),
    query=("pacman", "-Si"),
)
APK = PackageManager(
    key="apk",
    install=("apk", "add", "--quiet"),
    by_hand=("doas", "apk", "add"),
    update=("apk", "update", "--quiet"),
    query=("apk", "search", "--quiet", "--exact"),
)

SYSTEMS = {"debian": APT, "ubuntu": APT, "fedora": DNF, "rhel": DNF, "centos": DNF, "arch": PACMAN, "alpine": APK}
"""Package managers by ID and ID_LIKE of /etc/os-release."""


def manager_of(release: Mapping[str, str]) -> PackageManager | None:
    """Return the package manager of a system by its os-release(5), or that of one that it says to be like."""
    names = [release.get("ID", ""), *release.get("ID_LIKE", "").split()]
    return next((SYSTEMS[name] for name in names if name in SYSTEMS), None)


@cache
def own_manager() -> PackageManager | None:
    """Return this system's package manager; None if it is of another kind."""
    try:
        return manager_of(platform.freedesktop_os_release())
    except OSError:
        return None


def advice(toolchain: Toolchain) -> str:
    """Return what provides a toolchain's packages on this system; empty if it has none."""
    manager = own_manager()
    if manager and (packages := manager.packages(toolchain)):
        return shlex.join([*manager.by_hand, *packages])
    names = [name.split(" | ")[0] for name in _names(toolchain, APT.key)]
    return f"install what Debian calls {', '.join(names)}" if names else ""


def joined(toolchains: Iterable[Toolchain], manager: PackageManager) -> list[str]:
    """Return the packages of several toolchains, each once."""
    return list(dict.fromkeys(package for toolchain in toolchains for package in manager.packages(toolchain)))


def _names(toolchain: Toolchain, key: str) -> tuple[str, ...]:
    names: tuple[str, ...] = getattr(toolchain, key)
    return names + toolchain.backports if key == APT.key else names
