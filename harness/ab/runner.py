"""Launch one command at a time under the launcher, and read what it answered."""

from __future__ import annotations

import contextlib
import os
import resource
from collections.abc import Callable, Iterator
from pathlib import Path

from harness.ab.commands import Command, Preparation
from harness.execute import launcher
from harness.execute.executor import RunError
from harness.execute.native import launcher_words
from harness.model.errors import HarnessError, UsageError
from harness.model.job import Job, JobResult
from harness.util.files import sha256_of

TIMEOUT_S = 24 * 3600
"""Time limit of a launch, in seconds, since the launcher needs one: longer than anyone waits for a command."""

UNLIMITED_BYTES = 2**63 - 1
"""Limit of the size of a file that no file system reaches."""

UNWRITTEN_NS = 0
"""Time of the last change that an output has before a launch: 1970, which no program writes."""


class Runner:
    """The launcher with the environment, the working folder and the processors of all launches.

    `stdin` is the file that each launch reads as its standard input. What launches print is in `folder`, which is best
    in memory. Launches leave no process behind.
    """

    def __init__(self, build_dir: Path, folder: Path, cpus: tuple[int, ...], stdin: Path) -> None:
        self._jobs, self._stdout, self._stderr = (folder / name for name in ("jobs", "stdout", "stderr"))
        self._argv = [*launcher_words(build_dir), ",".join(map(str, cpus)), "as-is", "-", str(self._jobs)]
        self._stdin = stdin.absolute()
        own_limit = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        self._file_limit = UNLIMITED_BYTES if own_limit == resource.RLIM_INFINITY else own_limit

    def run(self, words: tuple[str, ...], folder: Path, keep_output: bool = False, count: bool = False) -> JobResult:
        """Run a program in a folder, to its end. Raises HarnessError if it could not be launched.

        With `keep_output`, digest() is that of what it prints, which otherwise goes to /dev/null. `count` is that of
        Job.
        """
        for path in (self._stdout, self._stderr):
            path.unlink(missing_ok=True)  # emptying a large file would be part of the launch's time
        job = Job(
            words,
            str(Path.cwd() / folder),
            str(self._stdout) if keep_output else os.devnull,
            str(self._stderr),
            TIMEOUT_S,
            self._file_limit,
            count,
            str(self._stdin),
        )
        self._jobs.write_bytes(launcher.encode([job]))
        try:
            [result] = launcher.call(self._argv, [job])
        except RunError as error:
            raise HarnessError(f"ab: '{words[0]}' could not be launched: {error}") from None
        return result

    def prepare(self, preparation: Preparation) -> None:
        """Run a preparation. Raises HarnessError, with its option, if it fails."""
        result = self.run(preparation.words, preparation.folder)
        if not result.ok:
            end = f"{result.describe()}{self.complaint()}"
            raise HarnessError(f"{preparation.option}: '{preparation.text}' {end}")

    def digest(self) -> str:
        """Return the SHA-256 of what the last launch printed."""
        return sha256_of(self._stdout)

    def complaint(self) -> str:
        """Return the last line that the last launch wrote to standard error, after a colon; empty if there is none."""
        try:
            with self._stderr.open("rb") as file:
                file.seek(max(0, self._stderr.stat().st_size - 4096))
                lines = file.read().decode(errors="replace").strip().splitlines()
        except OSError:
            return ""
        return f": {lines[-1].strip()[:300]}" if lines else ""


class Answers:
    """The answers of commands, as digests, of which the first is the one that all others must equal."""

    def __init__(self) -> None:
        self._digests: dict[str, str] = {}

    def check(self, command: Command, digest: str) -> None:
        """Raise HarnessError if a command answers differently than before, or than the first one."""
        thing = f"the file {command.output}" if command.output else "the output"
        if self._digests.setdefault(command.name, digest) != digest:
            raise HarnessError(
                f"{command} differs from launch to launch in {thing}, so nothing shows that the "
                "commands answer alike: --any-output compares them nevertheless"
            )
        first, expected = next(iter(self._digests.items()))
        if digest != expected:
            raise HarnessError(
                f"{command} differs from {first} in {thing}, so that their times are no "
                "comparison: --any-output compares them nevertheless"
            )


@contextlib.contextmanager
def marked_unwritten(path: Path) -> Iterator[Callable[[], bool]]:
    """Set the time of a file's last change to UNWRITTEN_NS, and yield a function that returns whether it was written.

    A file that a launch does not write would otherwise pass for its answer. A file that was not written has its time
    back at the end. Raises UsageError if `path` is no file.
    """
    if path.exists() and not path.is_file():
        raise UsageError(f"--output: expected a file that the commands write, found {path}, which is none")
    before = path.stat() if path.exists() else None
    if before:
        os.utime(path, ns=(before.st_atime_ns, UNWRITTEN_NS))

    def written() -> bool:
        return path.exists() and path.stat().st_mtime_ns != UNWRITTEN_NS

    try:
        yield written
    finally:
        if before and path.exists() and not written():
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
