"""Put two revisions into folders of their own, and build each there."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.ab.placement import Places
from harness.ab.repository import Repository, without_location
from harness.ab.revision import Revision
from harness.model.errors import HarnessError
from harness.util.console import Console
from harness.util.scratch import temporary

MAX_LOG_LINES = 20
"""Lines of a failed build's output that are shown: the error of most compilers is among the last ones."""


@contextlib.contextmanager
def checkouts(repository: Repository, revisions: Sequence[Revision], build: str, console: Console) -> Iterator[Places]:
    """Yield each revision with the folder in which it was built; `build` may be empty. The folders are then removed.

    They lie outside of all repositories, whose settings builds would find in the folders above them. Their paths have
    the same length, because the length of a path can change the time of a program (Mytkowicz et al. 2009, "Producing
    wrong data without doing anything obviously wrong!"). Raises HarnessError.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(without_location())
        home = stack.enter_context(temporary(Path(tempfile.gettempdir())))
        repository.sweep()
        places = []
        for number, revision in enumerate(revisions):
            folder = stack.enter_context(repository.worktree(revision, home / f"revision-{number + 1}"))
            places.append((revision, folder))
        for revision, folder in places:
            if build:
                _build(build, revision, folder, home / "build.log", console)
        yield places


def _build(command: str, revision: Revision, folder: Path, log: Path, console: Console) -> None:
    """Run a build in its folder, on all processors; its output is shown if it fails. Raises HarnessError."""
    console.line(f"Building {revision}: {command}")
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["/bin/sh", "-c", command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status = process.wait()
        finally:
            with contextlib.suppress(ProcessLookupError):  # also what it left: it would run beside the commands
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if status:
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines()[-MAX_LOG_LINES:]:
            console.line(f"  {line}")
        end = f"exited with status {status}" if status > 0 else f"was killed by {signal.Signals(-status).name}"
        raise HarnessError(f"--build: '{command}' {end} at {revision}")
