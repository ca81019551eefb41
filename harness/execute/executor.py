"""Running processes: on this machine, in containers, or not at all (for tests)."""

from __future__ import annotations

from typing import Literal, Protocol

from harness.model.config import Backend
from harness.model.job import Absent, Folders, Job, JobResult, Provided
from harness.model.kernel import Toolchain

Phase = Literal["fetch", "build", "run"]
"""What jobs are for: only fetching has a network, and only before the run can the artefact be written."""


class Executor(Protocol):
    """Where kernels are built and run. Everything above it is the same for all of them."""

    name: Backend

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
        phase: Phase = "run",
        keep: bool = False,
    ) -> list[JobResult]:
        """Run the jobs one after the other; only the work folder can be written; before the run the artefact's too.

        With `keep`, what it costs to start may be spent once for all calls with the same folders, until release().
        Raises RunError if not every job could be started and waited for.
        """
        ...

    def warm(self, toolchain: Toolchain, folders: Folders, cpus: tuple[int, ...]) -> None:
        """Spend now what starting costs that run(keep=True) would spend at its first call. Raises as run() does."""
        ...

    def release(self) -> None:
        """Give up what was kept."""
        ...


class RunError(Exception):
    """Jobs that ended without a report: the container was stopped, say. Its text is the reason."""
