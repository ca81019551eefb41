"""An executor without processes or a clock, for tests of scheduling, statistics and reports: it multiplies with NumPy
and says that it took as long as it was told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from harness.execute.executor import Phase
from harness.model.job import Absent, Folders, Job, JobResult, Provided
from harness.model.kernel import Toolchain

Clock = Callable[[str, int, int, int], int]
"""(kernel's run command, rows, n, launch number) -> ns of one product."""


class FakeExecutor:
    """Runs nothing. `spoil` may change an output before it is written, to see whether it is caught."""

    name = "fake"

    def __init__(self, clock: Clock, spoil: Callable[[str, np.ndarray], np.ndarray] | None = None) -> None:
        self._clock = clock
        self._spoil = spoil or (lambda name, c: c)
        self.launched: list[str] = []

    def provide(self, toolchain: Toolchain) -> Provided | Absent:
        """Everything is there."""
        return Provided(f"fake {toolchain.language}")

    def view(self, folders: Folders) -> Folders:
        """No other names."""
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
        """Do what a kernel by the contract would, in no time."""
        return [self._job(job) for job in jobs]

    def warm(self, toolchain: Toolchain, folders: Folders, cpus: tuple[int, ...]) -> None:
        """Nothing has to be started."""

    def release(self) -> None:
        """Nothing is kept."""

    def _job(self, job: Job) -> JobResult:
        name, a, b, c, *numbers = job.argv
        n, rows, threads, reps = map(int, numbers)
        left = np.fromfile(a, "<f8", count=rows * n).reshape(rows, n)
        right = np.fromfile(b, "<f8").reshape(n, n)
        self._spoil(name, left @ right).astype("<f8").tofile(c)
        ns = [self._clock(name, rows, n, len(self.launched)) for _ in range(reps)]
        self.launched.append(name)
        Path(job.stdout).write_text("".join(f"{t}\n" for t in ns))
        Path(job.stderr).write_text("")
        wall = sum(ns) + 1_000_000
        return JobResult(0, 0, False, wall, wall * threads, 0, 2**20, 0, 0, 0, 0)
