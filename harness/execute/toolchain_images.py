"""Build one image per toolchain from the Dockerfile, and the launcher that runs in all of them."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
from collections.abc import Iterable
from pathlib import Path

from harness.execute import launcher
from harness.execute.container_user import folder_options, give_to_user
from harness.execute.docker_command import (
    BASE,
    DOCKERFILE,
    REPOSITORY,
    bind_mount,
    docker,
    error_line,
    first_alternative,
)
from harness.execute.executor import PROXY_VARIABLES
from harness.model.errors import HarnessError
from harness.model.job import Absent, Provided
from harness.model.kernel import Toolchain
from harness.util.files import locked, remove_tree, sha256_of, write_atomic

PACKAGES = ("APT", "BACKPORTS", "PIP")
"""The build arguments that name packages."""

CONTEXT = str(launcher.PROGRAMS)
"""The folder that the engine is given for a build. It is small, and nothing is copied."""


def missing_images(toolchains: Iterable[Toolchain]) -> list[str]:
    """Return a line per image that has to be built for `toolchains`: its tag, and what it is built from."""
    lines = []
    for toolchain in toolchains:
        tag, arguments = _tag_and_arguments(toolchain)
        if docker("image", "inspect", tag).returncode:
            packages = " ".join(arguments[name] for name in PACKAGES if arguments[name]) or "no packages"
            lines.append(f"Building the image {tag} from {toolchain.image or BASE} and {packages}")
    return lines


def provide_image(toolchain: Toolchain, versions: Path) -> Provided | Absent:
    """Build the toolchain's image unless it exists, and ask it for the toolchain's version.

    `versions` is the folder in which answers are kept.
    """
    tag, arguments = _tag_and_arguments(toolchain)
    if docker("image", "inspect", tag).returncode:
        command = ["build", "--tag", tag, "--label", f"{REPOSITORY}=1", "--file", str(DOCKERFILE)]
        for name, value in arguments.items():
            command += ["--build-arg", f"{name}={value}"]
        for name in PROXY_VARIABLES:
            command += ["--build-arg", name] if name in os.environ else []
        done = docker(*command, CONTEXT, timeout=3600)
        if done.returncode:
            return Absent(
                f"its image cannot be built: {error_line(done.stderr + done.stdout)}",
                shlex.join(["docker", *command, CONTEXT]),
            )
    image_id, size = docker("image", "inspect", tag, "--format", "{{.Id}} {{.Size}}").stdout.split()
    version = _version(toolchain, tag, image_id, versions)
    return version if isinstance(version, Absent) else Provided(version, tag, image_id, int(size))


def compile_launcher(image: str, tools: Path) -> Path:
    """Compile the launcher in `image`, unless a run did so before, to a folder in `tools`. Raises HarnessError."""
    compiled = ("gcc", *launcher.COMPILE, "/source/launch.c", "-o", "/artefact/launch")
    return _made_in(image, tools / sha256_of(launcher.SOURCE)[:12], compiled, "the launcher cannot be built") / "launch"


def copy_valgrind(provided: Provided, tools: Path) -> Path:
    """Copy the files of the tool cachegrind out of an image, unless a run did so before; return their folder.

    Every image has the same base, so that they run in each. Raises HarnessError.
    """
    home = tools / f"valgrind-{hashlib.sha256(str(provided.image_id).encode()).hexdigest()[:12]}"
    files = "/usr/libexec/valgrind/cachegrind-*-linux /usr/libexec/valgrind/vgpreload_core-*-linux.so"
    copied = f"cp {files} /usr/libexec/valgrind/default.supp /usr/bin/valgrind.bin /artefact"
    return _made_in(str(provided.image), home, ("sh", "-c", copied), "valgrind cannot be copied")


def _made_in(image: str, home: Path, command: tuple[str, ...], failure: str) -> Path:
    """Return a folder that a command in an image filled: it sees the folder as /artefact. Raises HarnessError."""
    with locked(home.with_name(f".{home.name}.lock")):
        if home.exists():
            return home
        partial = home.with_name(f".{home.name}.{os.getpid()}")
        remove_tree(partial)
        partial.mkdir(parents=True)
        give_to_user(partial)
        done = docker(
            *("run", "--rm", "--network=none", *folder_options()),
            *bind_mount(launcher.PROGRAMS, Path("/source")),
            *bind_mount(partial, Path("/artefact"), read_only=False),
            *(image, *command),
            timeout=300,
        )
        if done.returncode:
            raise HarnessError(f"{failure} in {image}: {error_line(done.stderr)}")
        partial.replace(home)
    return home


def _tag_and_arguments(toolchain: Toolchain) -> tuple[str, dict[str, str]]:
    """Return an image's tag and build arguments.

    The tag contains a hash of the Dockerfile, the packages and the image that it starts from, so a change of one makes
    a new image.
    """
    arguments = {
        "APT": " ".join(first_alternative(package) for package in toolchain.apt),
        "BACKPORTS": " ".join(first_alternative(package) for package in toolchain.backports),
        "PIP": " ".join(toolchain.pip),
    } | ({"BASE": toolchain.image} if toolchain.image else {})
    inputs = json.dumps([sha256_of(DOCKERFILE), arguments]).encode()
    return f"{REPOSITORY}/{toolchain.language}:{hashlib.sha256(inputs).hexdigest()[:12]}", arguments


def _version(toolchain: Toolchain, tag: str, image_id: str, versions: Path) -> str | Absent:
    """Return the first line that the version command prints; asked once per image, because images do not change."""
    key = hashlib.sha256(f"{image_id} {toolchain.version_command}".encode()).hexdigest()[:16]
    note = versions / key
    if note.exists():
        return note.read_text(encoding="utf-8")
    done = docker(
        *("run", "--rm", "--network=none", *folder_options(), "--env=HOME=/tmp", tag),
        *shlex.split(toolchain.version_command),
        timeout=120,
    )
    lines = (done.stdout.strip() or done.stderr.strip() or "no answer").splitlines()
    if done.returncode:
        return Absent(f"'{toolchain.version_command}' fails in its image: {lines[-1]}")
    note.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(note, lines[0])
    return lines[0]
