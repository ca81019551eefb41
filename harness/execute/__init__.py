"""Running processes: on this machine, in containers, or not at all (for tests)."""

from __future__ import annotations

from typing import Protocol

from harness.model import Absent, Folders, Job, JobResult, Provided, Toolchain


class Executor(Protocol):
    """Where kernels are built and run. Everything above it is the same for all of them."""

    name: str

    def provide(self, toolchain: Toolchain) -> Provided | Absent:
        """Make the toolchain ready (an image built, say) and ask for its version."""
        ...

    def view(self, folders: Folders) -> Folders:
        """The same folders by the names under which a process will see them."""
        ...

    def run(
        self,
        toolchain: Toolchain,
        folders: Folders,
        jobs: list[Job],
        cpus: tuple[int, ...],
        building: bool = False,
    ) -> list[JobResult]:
        """Run the jobs one after the other; only the work folder can be written (when building: the artefact's too).

        Raises RunError if not every job could be started and waited for.
        """
        ...


class RunError(Exception):
    """Jobs that ended without a report: the container was stopped, say. Its text is the reason."""
