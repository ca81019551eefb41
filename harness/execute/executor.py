"""Define how kernels are built and run, whatever the place: on this machine, in containers, or simulated in a test."""

from __future__ import annotations

from typing import Literal, Protocol

from harness.model.config import Backend
from harness.model.job import Absent, Folders, Job, JobResult, Provided
from harness.model.kernel import Toolchain

Phase = Literal["fetch", "build", "run"]
"""What jobs are for. Only "fetch" has a network; the artefact's folder is writable in "fetch" and "build" only."""


PROXY_VARIABLES = [name for lower in ("http_proxy", "https_proxy", "no_proxy") for name in (lower, lower.upper())]
"""Environment variables by which programs find the network; only commands that fetch something get them."""


class Executor(Protocol):
    """A place where kernels are built and run. Its users need not know which."""

    name: Backend

    def provide(self, toolchain: Toolchain) -> Provided | Absent:
        """Make the toolchain ready and return its version, or the reason why it is absent."""
        ...

    def view(self, folders: Folders) -> Folders:
        """Return the names under which a process sees the folders."""
        return folders

    def run(
        self,
        toolchain: Toolchain,
        folders: Folders,
        jobs: list[Job],
        cpus: tuple[int, ...],
        phase: Phase = "run",
        keep: bool = False,
    ) -> list[JobResult]:
        """Run the jobs one after the other, each with write access to the work folder only (see Phase).

        With `keep`, a container started for these folders may be kept for further calls, until release().
        Raises RunError unless every job was started and waited for.
        """
        ...

    def warm(self, toolchain: Toolchain, folders: Folders, cpus: tuple[int, ...]) -> None:
        """Start what run(keep=True) would start at its first call, if anything. Raises RunError, HarnessError."""
        return

    def release(self) -> None:
        """End what was kept, if anything."""
        return


class RunError(Exception):
    """Jobs ended without a report, for example because their container was stopped. The text is the reason."""
