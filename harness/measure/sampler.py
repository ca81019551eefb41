"""Make one launch of a kernel: start it, verify its whole output, and store its samples."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from harness.execute.executor import Executor, RunError
from harness.execute.invocation import Launch, Outcome, launch_all
from harness.measure.full_products import FullProducts
from harness.measure.overhead_clock import OverheadClock
from harness.measure.pilot import predicted_ns
from harness.model.config import Config
from harness.model.counters import NO_COUNTERS, CounterSupport
from harness.model.errors import HarnessError
from harness.model.job import Failed, FailureCode, Fault, Folders, Stage
from harness.model.kernel import NORMWISE_RUNGS, Kernel
from harness.model.sample import Problem, Purpose, Sample, Step, SystemDelta
from harness.prepare.build import home_of
from harness.prepare.inputs import Inputs, prepare
from harness.prepare.verify import compare, digest
from harness.store.sample_log import SampleLog
from harness.system.monitor import Watcher
from harness.util.scratch import emptied

TIMEOUT_MULTIPLE = 10
"""Multiple of the predicted time that a launch may take, in addition to limits.timeout_s, before it is stopped. The
margin is wide because a pilot on few rows can underestimate a whole product (caches, a busy machine)."""


@dataclass
class Sampler:
    """Launch kernels on one problem, one launch at a time. `overhead` is the time between the launches.

    `scratch` is the folder of the work folders, `cpus` are the processors of all launches. `counters` are the
    events that the CPU counts in them.
    """

    executor: Executor
    config: Config
    inputs: Inputs
    store: SampleLog
    scratch: Path
    cpus: tuple[int, ...]
    counters: CounterSupport = NO_COUNTERS

    def __post_init__(self) -> None:
        self.overhead = OverheadClock()
        self._watcher = Watcher(self.cpus[0])
        self._digests: dict[tuple[int, int], str] = {}
        self._full_products = FullProducts(self.inputs)

    def warm(self, kernels: list[Kernel]) -> None:
        """Start what the executor starts once per kernel, concurrently, before anything is timed."""

        def start(kernel: Kernel) -> None:
            with contextlib.suppress(RunError, HarnessError):  # the kernel's first launch fails with the reason
                self.executor.warm(kernel.toolchain, self._folders(kernel), self.cpus)

        with ThreadPoolExecutor(len(self.cpus) + 1) as pool:
            list(pool.map(start, kernels))

    def release(self) -> None:
        """End what warm() and the launches started and kept."""
        self.executor.release()

    def sample(self, kernel: Kernel, step: Step, history: list[Sample], round_number: int) -> Failed | None:
        """Make the launch `step`, verify it and store its samples; return the failure, if any.

        `history` are the kernel's samples so far, from which the time limit follows. Raises HarnessError if a sample
        cannot be stored.
        """
        before = _file_stamps(self.inputs)
        failed = self._launch(kernel, step, history, round_number)
        if _file_stamps(self.inputs) != before and not self.inputs.intact():
            # write them again: every later kernel would otherwise multiply the changed matrices
            self.inputs = prepare(self.inputs.n, self.inputs.seed, self.inputs.build_dir)
            self._full_products = FullProducts(self.inputs)
            return Failed(Stage.MEASURE, "changed its inputs", code=FailureCode.CHANGED_INPUTS)
        return failed

    def _launch(self, kernel: Kernel, step: Step, history: list[Sample], round_number: int) -> Failed | None:
        config = self.config
        folders = self._folders(kernel)
        launch = self._prepare(step, kernel.threads_of(config.threads), folders.work)
        launch = replace(launch, counters=self.counters.set_of(round_number))
        timeout_s = config.limits.timeout_s + TIMEOUT_MULTIPLE * (predicted_ns(step, history) or 0) / 1e9
        started_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        before = self._watcher.before()
        try:
            with self.overhead.launch():
                [outcome] = launch_all(kernel, self.executor, folders, [launch], timeout_s, self.cpus, keep=True)
        except (RunError, HarnessError) as error:
            return Failed(Stage.MEASURE, str(error), code=FailureCode.NOT_RUN)
        system = self._watcher.after(before, outcome.result)
        with self.overhead.verification():
            verdict = self._verify(kernel, step, outcome)
        if isinstance(verdict, Fault):
            problem = launch.problem
            where = f"n = {problem.n}, rows = {problem.rows}" + (f" from {step.row0} on" if step.row0 else "")
            return Failed(Stage.MEASURE, f"{verdict.reason} ({where})", outcome.log, verdict.code)
        samples = _samples(kernel, step, outcome, verdict, self.store.next_launch(), round_number, started_at, system)
        try:
            self.store.append(samples)
        except OSError as error:
            raise HarnessError(f"{self.store.folder}: a sample cannot be stored: {error.strerror}") from None
        return None

    def _folders(self, kernel: Kernel) -> Folders:
        """Return a kernel's folders, its work folder emptied: a launch could otherwise hand in an earlier output."""
        artefact = home_of(kernel, self.executor, self.config.build_dir) / "artefact"
        work = emptied(self.scratch / kernel.id.replace("/", "-"))
        return Folders(kernel.folder, artefact, self.inputs.folder, work, kernel.uses)

    def _prepare(self, step: Step, threads: int, work: Path) -> Launch:
        """Return the launch of a step, and write the matrices that it needs beside the shared ones to `work`."""
        n = self.config.n
        if step.purpose == Purpose.START:
            for source in (self.inputs.a, self.inputs.b):
                (work / source.name).write_bytes(_first_value(source).tobytes())
            return Launch(Problem(1, 1), threads, step.reps, a_in="work", b_in="work")
        problem, counted = Problem(n, step.rows), step.purpose == Purpose.THREADS
        full = step.purpose == Purpose.FULL_MANTISSA
        a, b = (self.inputs.full_a, self.inputs.full_b) if full else (self.inputs.a, self.inputs.b)
        if not step.row0:
            return Launch(problem, threads, step.reps, a.name, b.name, count=counted)
        matrix = np.memmap(a, "<f8", "r", shape=(n, n))
        with (work / "a.f64").open("wb") as file:
            for rows in _rows_of(matrix, step):
                file.write(rows.data)
        return Launch(problem, threads, step.reps, "a.f64", b.name, a_in="work", count=counted)

    def _verify(self, kernel: Kernel, step: Step, outcome: Outcome) -> str | Fault:
        """Return the digest of a launch's whole output, or the mismatch, and remove the output."""
        try:
            if outcome.fault:
                return outcome.fault
            if step.purpose == Purpose.START:
                expected = self.inputs.first_product()
                return compare(outcome.output, expected, digest(expected))
            if step.purpose == Purpose.FULL_MANTISSA:
                return self._full_products.verify(step, outcome, kernel.rung in NORMWISE_RUNGS)
            parts = _rows_of(self.inputs.expected(Problem(self.config.n, self.config.n)), step)
            expected = parts[0] if len(parts) == 1 else np.concatenate(parts)
            key = (step.row0, step.rows)
            if key not in self._digests:
                self._digests[key] = digest(expected)
            return compare(outcome.output, expected, self._digests[key])
        finally:
            outcome.output.unlink(missing_ok=True)  # 128 MiB at n = 4096, in memory: removing it takes time, too


def _samples(
    kernel: Kernel,
    step: Step,
    outcome: Outcome,
    sha256: str,
    launch: int,
    round_number: int,
    started_at: str,
    system: SystemDelta,
) -> list[Sample]:
    """Return the samples of a verified launch, one per call."""
    result, reported = outcome.result, outcome.reported
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
            round=round_number,
            system=system,
            at_work=result.at_work,
            looks=result.looks,
            device=reported.device,
            driver=reported.driver,
            device_ns=reported.device_ns[rep] if reported.device_ns else 0,
            counters=result.counters,
        )
        for rep, ns in enumerate(reported.times_ns)
    ]


def _first_value(file: Path) -> np.ndarray:
    return np.fromfile(file, "<f8", count=1).reshape(1, 1)


def _rows_of(matrix: np.ndarray, step: Step) -> list[np.ndarray]:
    """Return the step's rows of a matrix: from row0 to the end, then from the first row, in one part or two."""
    end = step.row0 + step.rows
    parts = [matrix[step.row0 : end]]
    return parts if end <= len(matrix) else [*parts, matrix[: end - len(matrix)]]


def _file_stamps(inputs: Inputs) -> list[tuple[int, int]]:
    """Return modification time and size of the input files: a change of either is cheap to see."""
    return [(path.stat().st_mtime_ns, path.stat().st_size) for path in inputs.files]
