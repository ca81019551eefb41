"""Kernels take turns in shuffled rounds; every launch is verified whole before its samples count."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from harness.build import home_of
from harness.execute import Executor, RunError
from harness.inputs import Inputs
from harness.launching import Launch, Outcome, launch_all
from harness.model import Config, Failed, Folders, HarnessError, Kernel, Problem, Sample, Step
from harness.schedule import next_steps, order, predicted_ns
from harness.scratch import emptied
from harness.store import Store
from harness.verify import Mismatch, compare, digest

GRACE = 10
"""How many times its predicted time a launch may take, beside the configured minimum, before it is stopped."""


@dataclass(frozen=True)
class Progress:
    """What is about to be launched; said before a launch, never during one."""

    kernel: Kernel
    steps: tuple[Step, ...]
    expected_s: float | None
    launches_done: int
    left_s: float


@dataclass
class Measuring:
    """One run's measuring: what it needs, and the one thing it keeps, the time it took for itself.

    `half_width` gives the relative half width of the interval of some samples; `hints_ns` a first guess of the time
    of a row of each kernel.
    """

    executor: Executor
    config: Config
    inputs: Inputs
    store: Store
    scratch: Path
    cpus: tuple[int, ...]
    half_width: Callable[[list[Sample]], float]
    hints_ns: dict[str, float]
    say: Callable[[Progress], None]

    def __post_init__(self) -> None:
        self.gaps_ns: list[int] = []
        self._ended_ns: int | None = None
        self._digests: dict[tuple[int, int], str] = {}

    def run(self, kernels: list[Kernel], fail: Callable[[Kernel, Failed], None]) -> None:
        """Measure all of `kernels` to their end; `fail` is told of each that fails. Raises OSError if storing fails."""
        try:
            self._take_turns(kernels, fail)
        finally:
            self.executor.release()

    def _take_turns(self, kernels: list[Kernel], fail: Callable[[Kernel, Failed], None]) -> None:
        active, turn = list(kernels), sum(len(self.store.samples(kernel.id)) for kernel in kernels)
        while active:
            for kernel in order(active, self.config.seed, turn):
                threads = kernel.threads_of(self.config.threads)
                history = self.store.samples(kernel.id)
                steps = next_steps(history, self.config, threads, self.hints_ns[kernel.id], self.half_width)
                if not steps:
                    active.remove(kernel)
                    continue
                self.say(self._progress(kernel, steps, history, active))
                failed = self._round(kernel, steps, history)
                if failed:
                    fail(kernel, failed)
                    active.remove(kernel)
            turn += 1

    def _round(self, kernel: Kernel, steps: tuple[Step, ...], history: list[Sample]) -> Failed | None:
        """One round of a kernel: its launches, verified and stored."""
        config, threads = self.config, kernel.threads_of(self.config.threads)
        work = emptied(self.scratch / f"{kernel.language}-{kernel.variant}")
        folders = Folders(
            kernel.folder,
            home_of(kernel, self.executor, config.build_dir) / "artefact",
            self.inputs.folder,
            work,
        )
        launches = [self._launch(step, threads, work) for step in steps]
        predicted = max((predicted_ns(step, history) or 0) / 1e9 for step in steps)
        before = _stamps(self.inputs)
        started_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        if self._ended_ns is not None:
            self.gaps_ns.append(time.monotonic_ns() - self._ended_ns)
        try:
            outcomes = launch_all(
                kernel,
                self.executor,
                folders,
                launches,
                config.limits.timeout_s + GRACE * predicted,
                self.cpus,
                keep=True,
            )
        except (RunError, HarnessError) as error:
            return Failed("measure", str(error))
        finally:
            self._ended_ns = time.monotonic_ns()
        if _stamps(self.inputs) != before and not self.inputs.intact():
            raise HarnessError(
                f"{kernel.id} changed the inputs in {self.inputs.folder}; nothing measured after it would count"
            )
        for step, outcome in zip(steps, outcomes, strict=True):
            verdict = self._verify(step, outcome)
            if isinstance(verdict, Mismatch):
                return Failed("measure", f"{verdict.reason} (n = {config.n}, rows = {step.rows})", outcome.log)
            self.store.append(self._samples(kernel, step, outcome, verdict, started_at))
        return None

    def _launch(self, step: Step, threads: int, work: Path) -> Launch:
        problem = Problem(self.config.n, step.rows)
        if not step.row0:
            return Launch(problem, threads, step.reps)
        with self.inputs.a.open("rb") as a:  # a later block of rows gets these rows as its A
            a.seek(8 * self.config.n * step.row0)
            (work / "a.f64").write_bytes(a.read(8 * self.config.n * step.rows))
        return Launch(problem, threads, step.reps, folder="work")

    def _verify(self, step: Step, outcome: Outcome) -> str | Mismatch:
        """The digest of a launch's whole output, or what is wrong. Its time does not count as the harness's own."""
        start = time.monotonic_ns()
        try:
            if outcome.reason:
                return Mismatch(outcome.reason)
            expected = self.inputs.expected(Problem(self.config.n, step.row0 + step.rows))[step.row0 :]
            key = (step.row0, step.rows)
            if key not in self._digests:
                self._digests[key] = digest(expected)
            return compare(outcome.output, expected, self._digests[key])
        finally:
            outcome.output.unlink(missing_ok=True)  # 128 MiB at n = 4096: giving them back takes its time
            self._ended_ns = (self._ended_ns or start) + time.monotonic_ns() - start

    def _samples(self, kernel: Kernel, step: Step, outcome: Outcome, sha256: str, started_at: str) -> list[Sample]:
        launch, result = self.store.next_launch(), outcome.result
        return [
            Sample(
                kernel=kernel.id,
                launch=launch,
                rep=rep,
                reps=step.reps,
                purpose=step.purpose,
                n=self.config.n,
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


def _stamps(inputs: Inputs) -> list[tuple[int, int]]:
    return [(path.stat().st_mtime_ns, path.stat().st_size) for path in (inputs.a, inputs.b)]
