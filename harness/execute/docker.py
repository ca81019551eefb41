"""Containers: one image a language, no network, no capabilities, nothing to write to but the output folder."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shlex
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.execute import launcher
from harness.execute.docker_command import (
    BASE,
    DOCKERFILE,
    REPOSITORY,
    docker,
    first_existing,
    give_to_user,
    last_words,
    ordinary_user,
)
from harness.execute.executor import Phase
from harness.model.config import Backend, Limits, Pages
from harness.model.errors import HarnessError
from harness.model.job import Absent, Folders, Job, JobResult, Provided
from harness.model.kernel import Toolchain
from harness.util.cache import KeyedCache
from harness.util.files import locked, remove_tree, sha256_of, write_atomic

INSIDE = Folders(Path("/kernel"), Path("/artefact"), Path("/data"), Path("/work"))
"""Under which names a process in a container sees its folders."""

_numbers = itertools.count()
"""Of the containers of this process, whichever executor starts them: no two may have one name."""


class DockerExecutor:
    """Runs kernels in containers made from the Dockerfile, one image for each set of packages."""

    name = Backend.DOCKER

    def __init__(self, build_dir: Path, limits: Limits, pages: Pages = Pages.AS_IS, seccomp: bool = True) -> None:
        """`seccomp` is the engine's filter of system calls: off only to measure what it costs."""
        self._build_dir = build_dir
        self._limits = limits
        self._pages = pages
        self._seccomp = seccomp
        self._provided: KeyedCache[Toolchain, Provided | Absent] = KeyedCache()
        self._launchers: KeyedCache[str, Path] = KeyedCache()
        self._sessions: dict[tuple[Toolchain, Folders, tuple[int, ...]], launcher.Session] = {}

    def provide(self, toolchain: Toolchain) -> Provided | Absent:
        """Build the toolchain's image, or find it built, and ask it for the toolchain's version."""
        return self._provided.get(toolchain, lambda: self._image(toolchain))

    def adopt(self, toolchain: Toolchain, provided: Provided) -> None:
        """Let a toolchain's kernels run in an image that was made elsewhere."""
        self._provided.get(toolchain, lambda: provided)

    def announce(self, toolchains: Iterable[Toolchain]) -> list[str]:
        """Which images will have to be built for `toolchains`, and from what."""
        lines = []
        for toolchain in toolchains:
            tag, arguments = self._plan(toolchain)
            if docker("image", "inspect", tag).returncode:
                packages = " ".join(value for value in arguments.values() if value) or "nothing more"
                lines.append(f"Building the image {tag} from {BASE} and {packages}")
        return lines

    def view(self, folders: Folders) -> Folders:
        """Every kernel sees the same four folders."""
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
        """Run the jobs in a fresh container; with `keep`, in the one that is kept for these folders. Raises RunError.

        A kept container's writable folders, all but `folders.work`, are emptied before the jobs.
        """
        key = (toolchain, folders, cpus)
        session = self._sessions.pop(key, None)  # one that fails is not taken again
        if session is None:
            name = f"60000x-{os.getpid()}-{next(_numbers)}"
            argv, stop = self._command(name, toolchain, folders, cpus, phase), ["docker", "kill", name]
        (folders.work / ".jobs").write_bytes(launcher.encode(jobs))
        if not keep:
            return launcher.call([*argv, "/work/.jobs"], jobs, stop)
        session = session or launcher.Session([*argv, "-", "/tmp", "/dev/shm"], stop)
        results = session.run(jobs, "/work/.jobs")
        self._sessions[key] = session
        return results

    def warm(self, toolchain: Toolchain, folders: Folders, cpus: tuple[int, ...]) -> None:
        """Start the container that is kept for these folders, and wait until it answers."""
        seen = self.view(folders)
        nothing = Job(("true",), str(seen.work), str(seen.work / "out"), str(seen.work / "err"), 60, 2**20)
        self.run(toolchain, folders, [nothing], cpus, keep=True)

    def release(self) -> None:
        """End the containers that were kept, side by side: the engine takes a while to remove each."""
        sessions = [self._sessions.popitem()[1] for _ in list(self._sessions)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(launcher.Session.close, sessions))

    def _command(
        self, name: str, toolchain: Toolchain, folders: Folders, cpus: tuple[int, ...], phase: Phase
    ) -> list[str]:
        """What starts the launcher in a container, up to the launcher's jobs."""
        provided = self.provide(toolchain)
        program = self._make_launcher()
        if isinstance(provided, Absent):
            raise HarnessError(str(provided))
        mounts = [
            (folders.source, INSIDE.source, True),
            (folders.artefact, INSIDE.artefact, phase == "run"),
            (folders.data, INSIDE.data, True),
            (folders.work, INSIDE.work, False),
            (program.parent, Path("/launch"), True),
        ]
        made = [] if phase == "run" else [folders.artefact, *folders.artefact.iterdir()]
        for folder in [folders.work, *made]:
            give_to_user(folder)
        argv = ["docker", "run", "--rm", "--interactive", "--name", name, *self._confinement(cpus, phase)]
        for host, inside, read_only in mounts:
            argv += [
                "--mount",
                f"type=bind,source={host},target={inside}" + (",readonly" if read_only else ""),
            ]
        return [*argv, str(provided.image), "/launch/launch", ",".join(map(str, cpus)), self._pages, "-"]

    def _confinement(self, cpus: tuple[int, ...], phase: Phase) -> list[str]:
        return [
            *([] if phase == "fetch" else ["--network=none"]),
            "--cap-drop=ALL",
            "--security-opt=no-new-privileges",
            *([] if self._seccomp else ["--security-opt=seccomp=unconfined"]),
            "--read-only",
            f"--user={ordinary_user()}",
            f"--cpuset-cpus={','.join(map(str, cpus))}",
            f"--memory={self._limits.memory_bytes}",
            f"--memory-swap={self._limits.memory_bytes}",  # the same: no swap, which would be timed as computing
            f"--pids-limit={self._limits.processes}",
            "--tmpfs=/tmp:rw,exec,nosuid,nodev,size=2g",
            f"--shm-size={self._limits.memory_bytes // 2}",
            "--env=HOME=/tmp",
            "--env=LANG=C.UTF-8",
            "--env=PYTHONDONTWRITEBYTECODE=1",
            "--log-driver=none",
        ]

    def _plan(self, toolchain: Toolchain) -> tuple[str, dict[str, str]]:
        """An image's tag and build arguments."""
        arguments = {
            "APT": " ".join(first_existing(package) for package in toolchain.apt),
            "BACKPORTS": " ".join(first_existing(package) for package in toolchain.backports),
            "PIP": " ".join(toolchain.pip),
        }
        # what the image is made from is its name: a changed Dockerfile or package list makes a new one
        made_from = json.dumps([sha256_of(DOCKERFILE), arguments]).encode()
        return f"{REPOSITORY}/{toolchain.language}:{hashlib.sha256(made_from).hexdigest()[:12]}", arguments

    def _image(self, toolchain: Toolchain) -> Provided | Absent:
        tag, arguments = self._plan(toolchain)
        if docker("image", "inspect", tag).returncode:
            command = ["build", "--tag", tag, "--label", f"{REPOSITORY}=1", "--file", str(DOCKERFILE)]
            for name, value in arguments.items():
                command += ["--build-arg", f"{name}={value}"]
            done = docker(*command, str(DOCKERFILE.parent / "harness" / "execute" / "programs"), timeout=3600)
            if done.returncode:
                return Absent(
                    f"its image cannot be built: {last_words(done.stderr + done.stdout)}",
                    shlex.join(["docker", *command, "harness/execute/programs"]),
                )
        image_id, size = docker("image", "inspect", tag, "--format", "{{.Id}} {{.Size}}").stdout.split()
        version = self._version(toolchain, tag, image_id)
        return version if isinstance(version, Absent) else Provided(version, tag, image_id, int(size))

    def _version(self, toolchain: Toolchain, tag: str, image_id: str) -> str | Absent:
        """What the toolchain in an image says of itself: asked once for each image, since an image never changes."""
        asked = hashlib.sha256(f"{image_id} {toolchain.version_command}".encode()).hexdigest()[:16]
        note = self._build_dir / self.name / "versions" / asked
        if note.exists():
            return note.read_text()
        done = docker(
            *("run", "--rm", "--network=none", f"--user={ordinary_user()}", "--env=HOME=/tmp", tag),
            *shlex.split(toolchain.version_command),
            timeout=120,
        )
        said = (done.stdout.strip() or done.stderr.strip() or "no answer").splitlines()
        if done.returncode:
            return Absent(f"'{toolchain.version_command}' fails in its image: {said[-1]}")
        note.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(note, said[0])
        return said[0]

    def _make_launcher(self) -> Path:
        tools = self.provide(launcher.TOOLS)
        if isinstance(tools, Absent):
            raise HarnessError(str(tools))
        return self._launchers.get("launcher", lambda: self._compile(str(tools.image)))

    def _compile(self, image: str) -> Path:
        home = self._build_dir / self.name / "tools" / sha256_of(launcher.SOURCE)[:12]
        with locked(home.with_name(f".{home.name}.lock")):
            if (home / "launch").exists():
                return home / "launch"
            partial = home.with_name(f".{home.name}.{os.getpid()}")
            remove_tree(partial)
            partial.mkdir(parents=True)
            give_to_user(partial)
            done = docker(
                *("run", "--rm", "--network=none", f"--user={ordinary_user()}"),
                *("--mount", f"type=bind,source={launcher.PROGRAMS},target=/source,readonly"),
                *("--mount", f"type=bind,source={partial},target=/artefact"),
                *(image, "gcc", *launcher.COMPILE, "/source/launch.c", "-o", "/artefact/launch"),
                timeout=300,
            )
            if done.returncode:
                raise HarnessError(f"the launcher cannot be built in {image}: {last_words(done.stderr)}")
            remove_tree(home)
            partial.replace(home)
        return home / "launch"
