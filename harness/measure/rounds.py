"""Kernels take turns in shuffled rounds; every launch is verified whole before its samples count."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from harness.execute.executor import Executor, RunError
from harness.execute.invocation import Launch, Outcome, launch_all
from harness.measure.budget import KernelProgress, allocate_extra_rounds
from harness.measure.pilot import predicted_ns
from harness.measure.schedule import next_steps, shuffled
from harness.model.config import Config
from harness.model.errors import HarnessError
from harness.model.job import Failed, FailureCode, Fault, Folders, Progress, Stage
from harness.model.kernel import Kernel
from harness.model.sample import Problem, Purpose, Sample, Step, SystemDelta
from harness.prepare.build import home_of
from harness.prepare.inputs import Inputs, prepare
from harness.prepare.verify import compare, digest
from harness.store.sample_log import SampleLog
from harness.system.monitor import Watcher
from harness.util.interrupt import DeferredInterrupt
from harness.util.scratch import emptied

GRACE = 10
"""How many times its predicted time a launch may take, beside the configured minimum, before it is stopped."""


@dataclass
class Measuring:
    """One run's measuring: what it needs, and the one thing it keeps, the time it took for itself.

    `half_width` gives the relative half width of the interval of some samples, `kernel_progress` the progress of each
    kernel once its budget is spent, `hints_ns` a first guess of the time of a row of each kernel. With
    `reallocate_unused_budget`, the time that early kernels leave of their budgets goes to the others.
    """

    executor: Executor
    config: Config
    inputs: Inputs
    store: SampleLog
    scratch: Path
    cpus: tuple[int, ...]
    half_width: Callable[[list[Sample]], float]
    kernel_progress: Callable[[list[Kernel]], list[KernelProgress]]
    hints_ns: dict[str, float]
    say: Callable[[Progress], None]
    reallocate_unused_budget: bool = True

    def __post_init__(self) -> None:
        self.gaps_ns: list[int] = []
        self.verify_ns = 0
        self._ended_ns: int | None = None
        self._digests: dict[tuple[int, int], str] = {}
        self._watcher = Watcher(self.cpus[0])
        self._round = self.store.next_round()

    def run(self, kernels: list[Kernel], fail: Callable[[Kernel, Failed], None]) -> None:
        """Measure all of `kernels` to their end; `fail` is told of each that fails.

        Raises HarnessError if a sample cannot be stored.
        """
        granted: dict[str, int] = {}
        left = list(kernels)
        self._interrupt = DeferredInterrupt()

        def drop(kernel: Kernel, failed: Failed) -> None:
            left.remove(kernel)
            fail(kernel, failed)

        try:
            with self._interrupt:
                self._warm(kernels)
                self._take_turns(kernels, granted, drop)
                while self.reallocate_unused_budget and (
                    more := allocate_extra_rounds(self.kernel_progress(left), self.config)
                ):
                    granted |= more
                    self._take_turns([kernel for kernel in left if kernel.id in more], granted, drop)
        finally:
            self.executor.release()

    def _warm(self, kernels: list[Kernel]) -> None:
        """Start what is started once for each kernel, side by side, before anything is timed."""

        def start(kernel: Kernel) -> None:
            with contextlib.suppress(RunError, HarnessError):  # its first launch will fail with the reason
                self.executor.warm(kernel.toolchain, self._folders(kernel), self.cpus)

        with ThreadPoolExecutor(len(self.cpus) + 1) as pool:
            list(pool.map(start, kernels))

    def _folders(self, kernel: Kernel) -> Folders:
        """A kernel's folders; its work folder emptied, so that no launch finds an earlier one's output."""
        artefact = home_of(kernel, self.executor, self.config.build_dir) / "artefact"
        work = emptied(self.scratch / f"{kernel.language}-{kernel.variant}")
        return Folders(kernel.folder, artefact, self.inputs.folder, work)

    def _take_turns(
        self, kernels: list[Kernel], granted: dict[str, int], fail: Callable[[Kernel, Failed], None]
    ) -> None:
        active = list(kernels)
        while active:
            for kernel in shuffled(active, self.config.seed, self._round):
                threads = kernel.threads_of(self.config.threads)
                history, hint_ns = self.store.samples(kernel.id), self.hints_ns[kernel.id]
                rounds = granted.get(kernel.id, 0)
                steps = next_steps(history, self.config, threads, hint_ns, self.half_width, rounds)
                if not steps:
                    active.remove(kernel)
                    continue
                self.say(self._progress(kernel, steps, history, active))
                failed = self._launch_round(kernel, steps, history)
                if failed:
                    fail(kernel, failed)
                    active.remove(kernel)
            self._round += 1

    def _launch_round(self, kernel: Kernel, steps: tuple[Step, ...], history: list[Sample]) -> Failed | None:
        """One round of a kernel: its launches, each verified and stored."""
        before = _stamps(self.inputs)
        for step in steps:
            failed = self._step(kernel, step, history)
            if _stamps(self.inputs) != before and not self.inputs.intact():
                # made anew: what any kernel measured after it would be of other matrices
                self.inputs = prepare(self.config.n, self.config.seed, self.config.build_dir)
                return Failed(Stage.MEASURE, "changed its inputs", code=FailureCode.CHANGED_INPUTS)
            if failed:
                return failed
        return None

    def _step(self, kernel: Kernel, step: Step, history: list[Sample]) -> Failed | None:
        self._interrupt.check()
        config = self.config
        folders = self._folders(kernel)
        launch = self._launch(step, kernel.threads_of(config.threads), folders.work)
        timeout_s = config.limits.timeout_s + GRACE * (predicted_ns(step, history) or 0) / 1e9
        started_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        seen = self._watcher.before()
        if self._ended_ns is not None:
            self.gaps_ns.append(time.monotonic_ns() - self._ended_ns)
        try:
            [outcome] = launch_all(kernel, self.executor, folders, [launch], timeout_s, self.cpus, keep=True)
        except (RunError, HarnessError) as error:
            return Failed(Stage.MEASURE, str(error), code=FailureCode.NOT_RUN)
        finally:
            self._ended_ns = time.monotonic_ns()
        system = self._watcher.after(seen, outcome.result)
        verdict = self._verify(step, outcome)
        if isinstance(verdict, Fault):
            problem = launch.problem
            where = f"n = {problem.n}, rows = {problem.rows}" + (f" from {step.row0} on" if step.row0 else "")
            return Failed(Stage.MEASURE, f"{verdict.reason} ({where})", outcome.log, verdict.code)
        try:
            self.store.append(self._samples(kernel, step, outcome, verdict, started_at, system))
        except OSError as error:
            raise HarnessError(f"{self.store.folder}: a sample cannot be stored: {error.strerror}") from None
        return None

    def _launch(self, step: Step, threads: int, work: Path) -> Launch:
        n = self.config.n
        if step.purpose == Purpose.START:
            for source in (self.inputs.a, self.inputs.b):
                (work / source.name).write_bytes(_first_value(source).tobytes())
            return Launch(Problem(1, 1), threads, step.reps, a_in="work", b_in="work")
        problem = Problem(n, step.rows)
        if not step.row0:
            return Launch(problem, threads, step.reps, count=step.purpose == Purpose.THREADS)
        whole = np.memmap(self.inputs.a, "<f8", "r", shape=(n, n))
        with (work / "a.f64").open("wb") as a:
            for rows in _wrapped(whole, step):
                a.write(rows.data)
        return Launch(problem, threads, step.reps, a_in="work")

    def _verify(self, step: Step, outcome: Outcome) -> str | Fault:
        """The digest of a launch's whole output, or what is wrong. Its time does not count as the harness's own."""
        start = time.monotonic_ns()
        try:
            if outcome.fault:
                return outcome.fault
            if step.purpose == Purpose.START:
                expected = self.inputs.first_product()
                return compare(outcome.output, expected, digest(expected))
            whole = self.inputs.expected(Problem(self.config.n, self.config.n))
            parts = _wrapped(whole, step)
            expected = parts[0] if len(parts) == 1 else np.concatenate(parts)
            key = (step.row0, step.rows)
            if key not in self._digests:
                self._digests[key] = digest(expected)
            return compare(outcome.output, expected, self._digests[key])
        finally:
            outcome.output.unlink(missing_ok=True)  # 128 MiB at n = 4096: giving them back takes its time
            took = time.monotonic_ns() - start
            self.verify_ns += took
            self._ended_ns = (self._ended_ns or start) + took

    def _samples(
        self, kernel: Kernel, step: Step, outcome: Outcome, sha256: str, started_at: str, system: SystemDelta
    ) -> list[Sample]:
        launch, result = self.store.next_launch(), outcome.result
        return [
            Sample(
                kernel=kernel.id,
                launch=launch,
                rep=rep,
                reps=step.reps,
                purpose=step.purpose,
                n=outcome.launch.problem.n,
                rows=step.rows,
                row0=step.row0,
                threads=outcome.launch.threads,
                ns=ns,
                sha256=sha256,
                started_at=started_at,
                launch_wall_ns=result.wall_ns,
                launch_cpu_ns=result.user_ns + result.system_ns,
                peak_rss_bytes=result.peak_rss_bytes,
                minor_faults=result.minor_faults,
                major_faults=result.major_faults,
                involuntary_switches=result.involuntary_switches,
                round=self._round,
                system=system,
                at_work=result.at_work,
                looks=result.looks,
            )
            for rep, ns in enumerate(outcome.times_ns)
        ]

    def _progress(
        self, kernel: Kernel, steps: tuple[Step, ...], history: list[Sample], active: list[Kernel]
    ) -> Progress:
        expected = [predicted_ns(step, history) for step in steps]
        left = 0.0
        for other in active:
            walls = {sample.launch: sample.launch_wall_ns for sample in self.store.samples(other.id)}
            left += max(0.0, self.config.budget_s - sum(walls.values()) / 1e9)
        launches = len({sample.launch for other in active for sample in self.store.samples(other.id)})
        total = sum(value for value in expected if value is not None) / 1e9
        return Progress(kernel, steps, total if None not in expected else None, launches, left)


def _first_value(file: Path) -> np.ndarray:
    return np.fromfile(file, "<f8", count=1).reshape(1, 1)


def _wrapped(matrix: np.ndarray, step: Step) -> list[np.ndarray]:
    """The step's rows of a matrix, from row0 on, and on from the first again after the last: in one part or two."""
    end = step.row0 + step.rows
    parts = [matrix[step.row0 : end]]
    return parts if end <= len(matrix) else [*parts, matrix[: end - len(matrix)]]


def _stamps(inputs: Inputs) -> list[tuple[int, int]]:
    return [(path.stat().st_mtime_ns, path.stat().st_size) for path in (inputs.a, inputs.b)]
