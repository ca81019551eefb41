"""Run kernels in containers, one image per toolchain: no network, no capabilities, one writable folder."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from harness.execute import launcher
from harness.execute.container_user import folder_options, give_to_user, own_engine
from harness.execute.docker_command import bind_mount
from harness.execute.executor import PROXY_VARIABLES, Executor, Phase
from harness.execute.toolchain_images import compile_launcher, missing_images, provide_image
from harness.model.config import Backend, Limits, Pages
from harness.model.errors import HarnessError
from harness.model.job import Absent, Folders, Job, JobResult, Provided
from harness.model.kernel import Toolchain
from harness.util.cache import KeyedCache

INSIDE = Folders(Path("/kernel"), Path("/artefact"), Path("/data"), Path("/work"), Path("/uses"))
"""The names under which a process in a container sees its folders."""

EMPTIED = ("/tmp", "/dev/shm", "/dev/mqueue", "/proc/sysvipc")
"""Where a launch could leave data for the next in the same container; the last stands for System V objects."""

_container_numbers = itertools.count()
"""Numbers in the names of this process's containers, shared by all executors: no two containers may share a name."""


class DockerExecutor(Executor):
    """Run kernels in confined containers, each in the image of its toolchain.

    `seccomp` is the Docker engine's filter of system calls; it is off only where its cost is measured.
    """

    name = Backend.DOCKER

    def __init__(self, build_dir: Path, limits: Limits, pages: Pages = Pages.AS_IS, seccomp: bool = True) -> None:
        self._build_dir = build_dir
        self._limits = limits
        self._pages = pages
        self._seccomp = seccomp
        self._provided: KeyedCache[Toolchain, Provided | Absent] = KeyedCache()
        self._launchers: KeyedCache[str, Path] = KeyedCache()
        self._sessions: dict[tuple[Toolchain, Folders, tuple[int, ...]], launcher.Session] = {}

    def provide(self, toolchain: Toolchain) -> Provided | Absent:
        """Build the toolchain's image unless it exists, and ask it for the toolchain's version."""
        versions = self._build_dir / self.name / "versions"
        # one image for all devices, and not two builds of it at a time
        return self._provided.get(replace(toolchain, device=""), lambda: provide_image(toolchain, versions))

    def adopt(self, toolchain: Toolchain, provided: Provided) -> None:
        """Use an image that was built elsewhere for a toolchain."""
        self._provided.get(replace(toolchain, device=""), lambda: provided)

    def announce(self, toolchains: Iterable[Toolchain]) -> list[str]:
        """Return a line per image that has to be built for `toolchains`."""
        return missing_images(dict.fromkeys(replace(toolchain, device="") for toolchain in toolchains))

    def view(self, folders: Folders) -> Folders:
        """Return the names inside a container, which are the same for every kernel."""
        del folders
        return INSIDE

    def run(
        self,
        toolchain: Toolchain,
        folders: Folders,
        jobs: list[Job],
        cpus: tuple[int, ...],
        phase: Phase = "run",
        keep: bool = False,
    ) -> list[JobResult]:
        """Run the jobs in a fresh container, or with `keep` in the one that is kept for these folders. Raises RunError.

        Before the jobs, a kept container's writable folders are emptied, except `folders.work`.
        """
        (folders.work / ".jobs").write_bytes(launcher.encode(jobs))
        if not keep:
            argv, stop = self._command(toolchain, folders, cpus, phase)
            return launcher.call([*argv, "/work/.jobs"], jobs, stop)
        key = (toolchain, folders, cpus)
        session = self._sessions.pop(key, None)  # a session that fails is not stored again
        if session is None:
            argv, stop = self._command(toolchain, folders, cpus, phase)
            session = launcher.Session([*argv, "-", *EMPTIED], stop)
        results = session.run(jobs, "/work/.jobs")
        self._sessions[key] = session
        return results

    def warm(self, toolchain: Toolchain, folders: Folders, cpus: tuple[int, ...]) -> None:
        """Start the container that is kept for these folders, and wait until it answers."""
        inside = self.view(folders)
        nothing = Job(("true",), str(inside.work), str(inside.work / "out"), str(inside.work / "err"), 60, 2**20)
        self.run(toolchain, folders, [nothing], cpus, keep=True)

    def release(self) -> None:
        """End the kept containers, concurrently, because the engine takes a while to remove each."""
        sessions = [self._sessions.popitem()[1] for _ in list(self._sessions)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(launcher.Session.close, sessions))

    def _command(
        self, toolchain: Toolchain, folders: Folders, cpus: tuple[int, ...], phase: Phase
    ) -> tuple[list[str], list[str]]:
        """Return the command that starts the launcher in a container, without its jobs, and the one that stops it."""
        provided = self.provide(toolchain)
        program = self._launcher()
        if isinstance(provided, Absent):
            raise HarnessError(str(provided))
        created = [] if phase == "run" else [folders.artefact, *folders.artefact.iterdir()]
        for folder in [folders.work, *created]:
            give_to_user(folder)
        name = f"60000x-{os.getpid()}-{next(_container_numbers)}"
        argv = [
            *("docker", "run", "--rm", "--interactive", "--name", name),
            *_confinement(self._limits, self._seccomp, cpus, network=phase == "fetch"),
            *device_options(toolchain, phase),
            *_mounts(folders, program.parent, artefact_read_only=phase == "run"),
            *(str(provided.image), "/launch/launch", ",".join(map(str, cpus)), self._pages, _own_limits(self._limits)),
        ]
        return argv, ["docker", "kill", name]

    def _launcher(self) -> Path:
        tools = self.provide(launcher.TOOLS)
        if isinstance(tools, Absent):
            raise HarnessError(str(tools))
        folder = self._build_dir / self.name / "tools"
        return self._launchers.get("launcher", lambda: compile_launcher(str(tools.image), folder))


def _confinement(limits: Limits, seccomp: bool, cpus: tuple[int, ...], network: bool) -> list[str]:
    """Return the options of `docker run` that confine a kernel."""
    return [
        # without a value, the engine takes that of the harness's environment
        *([f"--env={name}" for name in PROXY_VARIABLES if name in os.environ] if network else ["--network=none"]),
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        *([] if seccomp else ["--security-opt=seccomp=unconfined"]),
        "--read-only",
        *folder_options(),
        *_limits(limits, cpus),
        "--tmpfs=/tmp:rw,exec,nosuid,nodev,size=2g",
        f"--shm-size={limits.memory_bytes // 2}",
        "--env=HOME=/tmp",
        "--env=LANG=C.UTF-8",
        "--env=PYTHONDONTWRITEBYTECODE=1",
        "--log-driver=none",
    ]


def device_options(toolchain: Toolchain, phase: Phase) -> list[str]:
    """Return the options of `docker run` by which a container's kernels reach the device of their toolchain."""
    if toolchain.device != "nvidia" or phase != "run":
        return []
    # without the second, an image that does not name them gets no libraries of the driver
    return ["--gpus=all", "--env=NVIDIA_DRIVER_CAPABILITIES=compute,utility"]


def _limits(limits: Limits, cpus: tuple[int, ...]) -> list[str]:
    """Return the limits of a container, without those that its engine cannot set and may refuse."""
    options = {
        "cpuset": [f"--cpuset-cpus={','.join(map(str, cpus))}"],
        # equal to the memory: no swap, which would be timed as computing
        "memory": [f"--memory={limits.memory_bytes}", f"--memory-swap={limits.memory_bytes}"],
        "pids": [f"--pids-limit={limits.processes}"],
    }
    return [word for limit, words in options.items() if limit in own_engine().limits for word in words]


def _own_limits(limits: Limits) -> str:
    """Return the limits that the launcher sets, which are those that the engine cannot."""
    bounds = {"memory": limits.memory_bytes, "pids": limits.processes}
    own = [0 if limit in own_engine().limits else bound for limit, bound in bounds.items()]
    return ":".join(map(str, own)) if any(own) else "-"


def _mounts(folders: Folders, launcher_folder: Path, artefact_read_only: bool) -> list[str]:
    """Return the options of `docker run` that mount the kernel's folders and the launcher's."""
    mounts = [
        (folders.source, INSIDE.source, True),
        (folders.artefact, INSIDE.artefact, artefact_read_only),
        (folders.data, INSIDE.data, True),
        (folders.work, INSIDE.work, False),
        (launcher_folder, Path("/launch"), True),
        *([(folders.uses, Path("/uses"), True)] if folders.uses else []),
    ]
    options = []
    for outside, inside, read_only in mounts:
        options += bind_mount(outside, inside, read_only)
    return options
