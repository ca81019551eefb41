"""Define an executor without processes or a clock: it multiplies with NumPy, and reports the times that a test sets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from harness.execute.executor import Executor, Phase
from harness.model.job import Absent, Folders, Job, JobResult, Provided
from harness.model.kernel import Toolchain
from tests import factories

Clock = Callable[[str, int, int, int], int]
"""Time of one product in ns, by the kernel's run command, rows, n and the number of the launch."""


class FakeExecutor(Executor):
    """Compute products in this process. `spoil` may change an output before it is written."""

    name = "fake"

    def __init__(self, clock: Clock, spoil: Callable[[str, np.ndarray], np.ndarray] | None = None) -> None:
        self._clock = clock
        self._spoil = spoil or (lambda name, c: c)
        self.launched: list[str] = []

    def provide(self, toolchain: Toolchain) -> Provided | Absent:
        """Return a version: every toolchain is there."""
        return Provided(f"fake {toolchain.language}")

    def run(
        self,
        toolchain: Toolchain,
        folders: Folders,
        jobs: list[Job],
        cpus: tuple[int, ...],
        phase: Phase = "run",
        keep: bool = False,
    ) -> list[JobResult]:
        """Do what a kernel that keeps the contract does."""
        return [self._job(job) for job in jobs]

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
        return factories.job_result(wall_ns=wall, user_ns=wall * threads)
