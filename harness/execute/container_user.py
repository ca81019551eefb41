"""Let containers use folders of this machine: their user, namespace and labels, by what the engine says of itself."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from harness.execute.docker_command import BASE, bind_mount, docker
from harness.model.job import Absent
from harness.util.files import read_text

LIMITS = frozenset({"memory", "pids", "cpuset"})
"""What an engine limits for a container, by the names of Linux's control groups."""

SELINUX = Path("/sys/fs/selinux/enforce")
"""1 where SELinux refuses, 0 where it only reports, and not there without SELinux, or in a container of the harness."""

UNSEEN = 3
"""Exit status of the trial where a file is not there; any other is one of the container's folder or of the engine."""

TRIAL = f"test -e /trial/seen || exit {UNSEEN}; echo > /trial/written"
"""What the trial container does in a folder of this machine: what kernels do in theirs."""


@dataclass(frozen=True)
class Engine:
    """What an engine says of itself.

    A `rootless` engine runs as an ordinary user, who is root in its containers. In containers of one that is
    `remapped`, users are others than outside (userns-remap). One that is `labelled` gives containers labels of SELinux.
    `limits` are those of LIMITS that it can set.
    """

    rootless: bool = False
    remapped: bool = False
    labelled: bool = False
    limits: frozenset[str] = LIMITS

    def describe(self) -> str:
        """Return in words what is not as in most engines; empty if all is."""
        traits = [
            *(["rootless"] if self.rootless else []),
            *(["which remaps users"] if self.remapped else []),
            *(["with labels of SELinux"] if self.labelled else []),
            *([f"which cannot limit {' and '.join(sorted(LIMITS - self.limits))}"] if self.limits != LIMITS else []),
        ]
        return ", ".join(traits)


@cache
def own_engine() -> Engine:
    """Return what the engine says of itself."""
    return read_engine(docker("info", "--format", "{{json .}}").stdout)


def read_engine(info: str) -> Engine:
    """Return what the JSON of `docker info` says, be it Docker's or Podman's; an engine as most are without any."""
    try:
        values = json.loads(info)
    except ValueError:
        return Engine()
    if "host" in values:
        return _read_podman(values["host"])
    options = [option.partition(",")[0] for option in values.get("SecurityOptions") or ()]
    settable = {"memory": "MemoryLimit", "pids": "PidsLimit", "cpuset": "CPUSet"}
    return Engine(
        rootless="name=rootless" in options,
        remapped="name=userns" in options,
        labelled="name=selinux" in options,
        limits=frozenset(limit for limit, key in settable.items() if values.get(key, True)),
    )


def _read_podman(host: dict[str, Any]) -> Engine:
    security, controllers = host.get("security", {}), host.get("cgroupControllers")
    return Engine(
        rootless=bool(security.get("rootless")),
        labelled=bool(security.get("selinuxEnabled")),
        limits=LIMITS if controllers is None else LIMITS.intersection(controllers),
    )


def ordinary_user() -> str:
    """Return the user and group that kernels run as, which is never root of this machine."""
    if own_engine().rootless:
        return "0:0"  # outside, this is the user who runs the engine; every other number is nobody's
    return f"{os.getuid()}:{os.getgid()}" if os.getuid() else "1000:1000"


def folder_options() -> list[str]:
    """Return the options of `docker run` by which containers can use this machine's folders, and files have owners.

    SELinux would refuse a container every folder that is not labelled for it. Labels are left to the user: --mount sets
    none, and -v with :z or :Z writes one to each file of a checkout, for ever and for other programs too.
    """
    engine = own_engine()
    labels_refuse = engine.labelled and read_text(SELINUX) != "0"
    return [
        f"--user={ordinary_user()}",
        *(["--userns=host"] if engine.remapped else []),
        *(["--security-opt=label=disable"] if labels_refuse else []),
    ]


def give_to_user(folder: Path) -> None:
    """Make the containers' user the owner of `folder`, so that no other ordinary user can write to it."""
    if os.getuid() == 0 and not own_engine().rootless:
        user, group = map(int, ordinary_user().split(":"))
        os.chown(folder, user, group)


def let_containers_read() -> None:
    """Let root's new files be read by the containers' user, whatever the umask: it is another user."""
    if os.getuid() == 0:
        os.umask(os.umask(0o022) & 0o022)


def trial(folder: Path) -> Absent | None:
    """Return the reason why a container cannot use a folder of this machine as kernels do; None if it can.

    An engine in another mount namespace, in a virtual machine or on another host mounts folders of its own. One whose
    users are not this machine's may not write.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="trial-", dir=folder, ignore_cleanup_errors=True) as name:
        place = Path(name)
        place.chmod(0o755)  # as other folders: a user who may not look into it could not say more
        (place / "seen").touch()
        give_to_user(place)
        mount = bind_mount(place, Path("/trial"), read_only=False)
        done = docker("run", "--rm", "--network=none", *folder_options(), *mount, BASE, "sh", "-c", TRIAL)
        written = (place / "written").exists()
    if done.returncode == 0 and written:
        return None
    lines = [line for line in done.stderr.splitlines() if line.strip() and "--help" not in line]
    why = lines[-1] if lines else "a file in it is not there in a container"
    # 125 and above are the engine's own; the folder that it does not find is then named in what it says
    if done.returncode in (0, UNSEEN) or done.returncode >= 125:
        return Absent(f"the Docker engine does not see {folder}: {why}")
    return Absent(f"containers of this Docker engine cannot write to {folder}: {why}")
