"""Print the first answer of a run, from one native launch each of its baseline and c/packed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness.execute.executor import Executor, RunError
from harness.execute.invocation import Launch, Outcome, launch_all
from harness.execute.native import NativeExecutor
from harness.measure.first_answer import (
    CHECK_CALLS,
    CHECK_SIZES,
    MIN_N,
    FirstTime,
    Sizing,
    pair_of,
    sentence,
    sizing_of,
)
from harness.model.config import Backend, Config, Pages
from harness.model.errors import HarnessError
from harness.model.job import Absent, Built, Fault, Folders
from harness.model.kernel import Kernel
from harness.model.sample import Problem
from harness.prepare.build import build, home_of
from harness.prepare.check import CheckInputs, check_inputs, judge
from harness.prepare.inputs import Inputs, prepare
from harness.prepare.verify import compare, digest
from harness.system import host
from harness.system.devices import lacking_for
from harness.system.huge_pages import huge_pages_for_all
from harness.util.console import Console
from harness.util.scratch import fresh, scratch

TIMEOUT_S = 30.0
"""Time limit of one launch, in seconds, loading and writing included."""


def print_first_answer(
    kernels: Sequence[Kernel],
    executor: Executor,
    config: Config,
    cpus: tuple[int, ...],
    console: Console,
    begin_stage: Callable[[str], None],
) -> None:
    """Print the first answer, or one line that says why there is none; nothing for an n below MIN_N.

    `executor` is the run's; a run with Docker gets a native one for these launches, because images take minutes to
    build. No failure ends the run: what fails here fails again where the run reports it.
    """
    if config.n < MIN_N:
        return
    pair = pair_of(kernels, config.baseline, executor.name)
    if isinstance(pair, Absent):
        console.line(f"No first answer: {pair.reason}.")
        return
    begin_stage(f"First launches of {pair[0].id} and {pair[1].id}")
    if executor.name == Backend.DOCKER:
        executor = NativeExecutor(config.build_dir, config.limits, config.pages)
    try:
        # the output of the largest launch, and the inputs of the checks
        with scratch(8 * config.n**2 + 2**24, config.build_dir / "scratch") as folder:
            times = FirstLaunches(executor, config, folder, cpus, console).times(pair)
    except Exception as error:  # a defect here must not end a run either: it needs none of this
        console.line(f"No first answer: {_reason(error)}.")
    else:
        console.line(sentence(*times))


def _reason(error: Exception) -> str:
    """Return an error as a part of one line."""
    if isinstance(error, OSError):
        return f"{error.filename or 'the system'}: {error.strerror or error}"
    if isinstance(error, HarnessError | RunError):
        return str(error).partition("\n")[0]
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    return f"internal error: {type(error).__name__}: {error}"


@dataclass(frozen=True)
class FirstLaunches:
    """Build, check and launch the kernels of the first answer. `folder` is for what the launches write."""

    executor: Executor
    config: Config
    folder: Path
    cpus: tuple[int, ...]
    console: Console

    def times(self, pair: tuple[Kernel, Kernel]) -> tuple[FirstTime, FirstTime]:
        """Return the times of both kernels. Raises HarnessError, RunError, OSError, MemoryError."""
        for kernel in pair:
            self._build(kernel)
        config = self.config
        small = check_inputs(CHECK_SIZES, config.seed, fresh(self.folder, "check-inputs"))
        plans = [self._plan(kernel, small) for kernel in pair]
        self.console.status(f"  creating the inputs of n = {config.n}")
        inputs = prepare(config.n, config.seed, config.build_dir)
        base, fast = (self._time(kernel, plan, inputs) for kernel, plan in zip(pair, plans, strict=True))
        return base, fast

    def _build(self, kernel: Kernel) -> None:
        """Build a kernel where a native run builds it, so that such a run uses the artefact."""
        config = self.config
        if lacking := lacking_for(kernel):
            raise HarnessError(lacking)
        provided = self.executor.provide(kernel.toolchain)
        if isinstance(provided, Absent):
            raise HarnessError(provided.reason)
        self.console.status(f"  building {kernel.id}")
        cpus, cpu = host.usable_cpus(host.processors()), host.cpu_identity()
        built = build(kernel, provided, self.executor, config.build_dir, config.limits, cpu, cpus)
        if not isinstance(built, Built):
            raise HarnessError(f"{kernel.id} does not build on this machine")

    def _plan(self, kernel: Kernel, inputs: CheckInputs) -> Sizing:
        """Check a kernel at CHECK_SIZES, and plan its launch by the fastest call at the last of them."""
        self.console.status(f"  checking {kernel.id}")
        threads = kernel.threads_of(self.config.threads)
        launches = [Launch(Problem(n, n), threads, CHECK_CALLS, f"a{n}.f64", f"b{n}.f64") for n in CHECK_SIZES]
        outcomes = self._launch(kernel, inputs.folder, launches)
        for outcome in outcomes:
            _refuse(kernel, outcome, judge(outcome, inputs))
        plan = sizing_of(kernel, min(outcomes[-1].times_ns) / CHECK_SIZES[-1] ** 3, self.config.n)
        if isinstance(plan, Absent):
            raise HarnessError(plan.reason)
        return plan

    def _time(self, kernel: Kernel, plan: Sizing, inputs: Inputs) -> FirstTime:
        """Launch a kernel at the run's n, and verify its whole output."""
        config, problem = self.config, Problem(self.config.n, plan.rows)
        launch = Launch(problem, kernel.threads_of(config.threads), plan.calls)
        self.console.status(f"  {kernel.id}: {plan.rows} of {config.n} rows")
        with huge_pages_for_all(config.pages == Pages.HUGE):
            [outcome] = self._launch(kernel, inputs.folder, [launch])
        expected = np.asarray(inputs.expected(problem))
        _refuse(kernel, outcome, outcome.fault or compare(outcome.output, expected, digest(expected)))
        return FirstTime(kernel.id, launch.threads, config.n, plan.rows, outcome.times_ns[-1])

    def _launch(self, kernel: Kernel, data: Path, launches: list[Launch]) -> list[Outcome]:
        artefact = home_of(kernel, self.executor, self.config.build_dir) / "artefact"
        folders = Folders(kernel.folder, artefact, data, fresh(self.folder, "work"), kernel.uses)
        return launch_all(kernel, self.executor, folders, launches, TIMEOUT_S, self.cpus)


def _refuse(kernel: Kernel, outcome: Outcome, verdict: float | str | Fault) -> None:
    """Raise HarnessError if the verdict on a launch is a fault: a wrong kernel has no time."""
    if isinstance(verdict, Fault):
        problem = outcome.launch.problem
        raise HarnessError(f"{kernel.id} failed with {problem.rows} of {problem.n} rows ({verdict.code})")
