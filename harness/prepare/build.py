"""Build kernels into artefacts, each by its own commands; again only if an input of the build changed."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shlex
import time
from dataclasses import asdict
from pathlib import Path

from harness.config.command_words import words
from harness.execute.executor import Executor, Phase, RunError
from harness.model.config import Limits
from harness.model.errors import HarnessError
from harness.model.job import Absent, Built, Failed, FailureCode, Folders, Job, Provided, Stage
from harness.model.kernel import Kernel
from harness.util.files import locked, read_head, remove_tree, tree_digest, write_json

FORMAT = 1
"""Version of the build, part of every key: raised when builds change, so that no older artefact is reused."""

ARTEFACT_LIMIT_BYTES = 4 * 2**30

MAX_LOG_BYTES = 100_000
"""Bytes of each output of a build command that are kept."""


def home_of(kernel: Kernel, executor: Executor, build_dir: Path) -> Path:
    """Return the folder of everything that is built from a kernel."""
    return build_dir / executor.name / kernel.id


def source_fault(kernel: Kernel) -> str:
    """Return why a kernel's source cannot be read, with its path; empty if it can."""
    path = kernel.source_path
    try:
        place = path.resolve(strict=True)
        if not any(place.is_relative_to(home) for home in (kernel.folder, kernel.uses) if home):
            return f"{path}: is a link that leads out of its folder, to {place}"
        if not place.is_file():
            return f"{path}: is no file"
        place.open("rb").close()
    except OSError as error:
        return f"{path}: {error.strerror}"
    except RuntimeError:  # before Python 3.13, links in a circle
        return f"{path}: {os.strerror(errno.ELOOP)}"
    return ""


def build_key(kernel: Kernel, provided: Provided, cpu: str) -> str:
    """Return a hash of everything that an artefact depends on; of the CPU too, since compilers use its instructions."""
    inputs = {
        "format": FORMAT,
        "kernel": [kernel.source, kernel.fetch, kernel.build, kernel.flags, kernel.run],
        "folder": [tree_digest(folder)[0] for folder in (kernel.folder, kernel.uses) if folder],
        "toolchain": [provided.version, provided.image_id],
        "cpu": cpu,
    }
    return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()


def build(
    kernel: Kernel,
    provided: Provided,
    executor: Executor,
    build_dir: Path,
    limits: Limits,
    cpu: str,
    cpus: tuple[int, ...],
) -> Built | Failed | Absent:
    """Build one kernel, or reuse the artefact of an earlier build with the same key.

    Absent means that a dependency of the build (a crate, a jar) cannot be fetched.
    """
    if reason := source_fault(kernel):
        return Failed(Stage.BUILD, reason, code=FailureCode.NO_SOURCE)
    home = home_of(kernel, executor, build_dir)
    try:
        key = build_key(kernel, provided, cpu)
    except OSError as error:  # another file of the folder, such as a driver
        return Failed(Stage.BUILD, f"{error.filename}: {error.strerror}", code=FailureCode.NO_SOURCE)
    # two runs may build the same kernel: the second must not replace an artefact that the first is using
    with locked(home.with_name(f".{home.name}.lock")):
        return _reusable(home, key) or _make(kernel, provided, executor, home, key, limits, cpus)


def _make(
    kernel: Kernel,
    provided: Provided,
    executor: Executor,
    home: Path,
    key: str,
    limits: Limits,
    cpus: tuple[int, ...],
) -> Built | Failed | Absent:
    partial = home.with_name(f".{home.name}.{os.getpid()}.partial")
    remove_tree(partial)
    artefact, work = partial / "artefact", partial / "work"
    artefact.mkdir(parents=True)
    work.mkdir()
    (artefact / "deps").mkdir()
    folders = Folders(kernel.folder, artefact, work, work, kernel.uses)
    view = executor.view(folders)

    def run(phase: Phase, command: str, i: int) -> Failed | None:
        argv = words(
            command,
            artefact=view.artefact,
            folder=view.source,
            source=kernel.source.replace("{uses}", str(view.uses)),
            flags=kernel.flags,
            uses=view.uses,
        )
        names = [view.work / f"{stream}-{phase}{i}" for stream in ("stdout", "stderr")]
        stdout, stderr = map(str, names)
        job = Job(argv, str(view.source), stdout, stderr, limits.build_timeout_s, ARTEFACT_LIMIT_BYTES)
        commands.append(shlex.join(argv).replace(str(partial), str(home)))  # the place it is moved to
        try:
            [result] = executor.run(kernel.toolchain, folders, [job], cpus, phase)
        except (RunError, HarnessError) as error:
            return Failed(Stage.BUILD, f"{shlex.join(argv)}: {error}", code=FailureCode.BUILD_FAILED)
        if result.ok:
            return None
        log = "".join(read_head(work / name.name, MAX_LOG_BYTES).decode(errors="replace") for name in reversed(names))
        reason = f"'{shlex.join(argv)}' {result.describe()}: {first_error(log)}"
        return Failed(Stage.BUILD, reason, log, FailureCode.BUILD_FAILED)

    commands: list[str] = []
    for i, command in enumerate(kernel.fetch):
        if failed := run("fetch", command, i):
            return Absent(f"a dependency of its build cannot be fetched: {failed.reason}")
    start = time.monotonic()
    for i, command in enumerate(kernel.build):
        if failed := run("build", command, i):
            return failed
    seconds = time.monotonic() - start
    output = artefact / "out" if kernel.build else kernel.source_path
    if kernel.build and not output.exists():
        return Failed(Stage.BUILD, f"'{commands[-1]}' made nothing at {{out}}", code=FailureCode.NO_ARTEFACT)
    remove_tree(work)
    return _keep(partial, home, key, output, seconds, tuple(commands))


def _keep(partial: Path, home: Path, key: str, output: Path, seconds: float, commands: tuple[str, ...]) -> Built:
    """Move what was built to its place, with a note of how, by which a later run knows it again."""
    digest, size = tree_digest(output)
    built = Built(home / "artefact" / "out" if commands else output, digest, size, seconds, commands)
    write_json(partial / "built.json", {"key": key, **asdict(built), "path": str(built.path)})
    remove_tree(home)
    partial.replace(home)
    return built


def _reusable(home: Path, key: str) -> Built | None:
    try:
        note = json.loads((home / "built.json").read_text(encoding="utf-8"))
        if note.pop("key") != key:
            return None
        built = Built(
            Path(note["path"]),
            note["digest"],
            note["artefact_bytes"],
            note["seconds"],
            tuple(note["commands"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    intact = built.path.exists() and tree_digest(built.path)[0] == built.digest
    return built if intact else None


def first_error(log: str) -> str:
    """Return the first line of a compiler's output with the word error, or else the last line."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors[:1] or lines[-1:] or ["no output"])[0][:300]
