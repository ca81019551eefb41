"""Experiment on lies: judge kernels that were written to cheat beside the honest kernel, with a fresh seed."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.analysis.estimate import estimates_of
from harness.analysis.rows import implausible
from harness.config.kernels import load_kernels
from harness.execute.executor import Executor
from harness.measure.peak import measure_peak
from harness.measure.rounds import Rounds
from harness.measure.sampler import Sampler
from harness.model.config import Config, Effort
from harness.model.errors import HarnessError
from harness.model.job import Absent, Failed, Passed, Progress
from harness.model.kernel import Kernel
from harness.prepare.check import Workspace, check, check_inputs
from harness.prepare.inputs import home_of_inputs, prepare
from harness.prepare.stages import Prepared, build_all, choose_executor, provide
from harness.selftest.case import Case
from harness.selftest.catalogue import HONEST, LIES, Gain, Lie, catalogue
from harness.selftest.load import all_busy
from harness.store.sample_log import SampleLog
from harness.system import host
from harness.util.console import Console
from harness.util.files import remove_tree
from harness.util.scratch import fresh, scratch

N = 512
"""Size of the matrices: larger than those of the checks. A product takes 60 ms or more: lies about it must exceed the
noise of starting a process, and differences below 20 ms count as noise (MIN_DIFFERENCE_NS)."""

ROUNDS = 3

CONFIRMING_ROUNDS = 12
"""Rounds in which lies that seem to have gained something, and were not caught, are measured again."""

MAX_GAIN = 0.8
"""Time of a lie relative to that of the honest kernel from which on it has gained nothing. Lies about time in the
catalogue claim to be two times as fast or more; two equal kernels differ by some percent."""

GAINED_NOTHING = "gained nothing"
"""Stands for the check that caught a lie where its trick did not work, so that it had to compute as long as others."""


@dataclass
class Trial:
    """The outcomes of one trial, by kernel: failures, seconds until the verdict, and times by the honest kernel's."""

    failures: dict[str, Failed] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)
    current: tuple[str, float] | None = None

    def begin(self, kernel: str) -> None:
        """Count the time from now on as that of a kernel, and the time before as that of the one before."""
        self.end()
        self.current = kernel, time.monotonic()

    def end(self) -> None:
        """Count no more time."""
        if self.current:
            kernel, start_s = self.current
            self.seconds[kernel] = self.seconds.get(kernel, 0.0) + time.monotonic() - start_s
        self.current = None


def lies(config: Config, trials: int, console: Console, loaded: bool = False) -> Iterator[Case]:
    """Yield a case for each lie and for the honest kernel of each trial.

    `flagged` tells whether a lie was caught or gained nothing, and of the honest kernel whether it was accused; `check`
    has the name of the check. With `loaded`, all processors are busy with other work during the measurement.
    Raises HarnessError if the kernels cannot be built.
    """
    settings = replace(
        config,
        n=N,
        effort=Effort.QUICK,
        rounds=ROUNDS,
        full=False,
        baseline=HONEST,
        only=(),
        kernels_dir=LIES,
        more_kernels=(),
        build_dir=config.build_dir / "selftest",  # the kernels have the names of the project's
    )
    executor, _ = choose_executor(settings)
    kernels = load_kernels(LIES)
    prepared = Prepared()
    provide(kernels, executor, prepared, console)
    build_all(kernels, executor, settings, prepared, console)
    if missing := prepared.skips or {name: failed.reason for name, failed in prepared.failures.items()}:
        raise HarnessError("; ".join(f"{name}: {reason}" for name, reason in missing.items()))
    experiment = f"lies-{'busy-' if loaded else ''}{executor.name}"
    for number in range(trials):
        # no seed that existed when a lie was written: it could hold the results
        seeded = replace(settings, seed=secrets.randbelow(2**31))
        console.status(f"  lies: trial {number + 1} of {trials}")
        try:
            outcome = _judge(seeded, executor, kernels, prepared, console, loaded)
        finally:
            remove_tree(home_of_inputs(seeded.n, seeded.seed, seeded.build_dir))
        yield from cases_of(outcome, experiment)


def _judge(
    config: Config, executor: Executor, kernels: tuple[Kernel, ...], prepared: Prepared, console: Console, loaded: bool
) -> Trial:
    """Check and measure all kernels as a run does."""
    trial, cpus = Trial(), host.usable_cpus(config.threads)
    with scratch(2**28 + 24 * config.n**2, config.build_dir / "scratch") as folder:
        inputs = check_inputs(config.check_sizes, config.seed, fresh(folder, "check-inputs"))
        workspace = Workspace(executor, config.build_dir, folder, config.threads, cpus, config.limits.timeout_s)
        passed: dict[str, Passed] = {}
        for kernel in kernels:
            console.status(f"  lies: checking {kernel.variant}")
            trial.begin(kernel.id)
            outcome = check(kernel, prepared.built[kernel.id], inputs, workspace)
            if isinstance(outcome, Passed):
                passed[kernel.id] = outcome
            else:
                trial.failures[kernel.id] = outcome
        trial.end()
        measuring = _Measuring(config, executor, folder, passed, console, loaded)
        measuring.add_to(trial, [kernel for kernel in kernels if kernel.id in passed], config.rounds)
        doubtful = {lie.kernel for lie in catalogue() if not _caught_by(lie, trial)}
        if doubtful and HONEST in trial.shares:
            # on a busy machine, a few rounds let a kernel seem faster that is not
            again = [kernel for kernel in kernels if kernel.id in {HONEST, *doubtful}]
            measuring.add_to(trial, again, CONFIRMING_ROUNDS)
    return trial


@dataclass(frozen=True)
class _Measuring:
    """Measure kernels that passed their checks. `folder` is for what their launches write."""

    config: Config
    executor: Executor
    folder: Path
    passed: Mapping[str, Passed]
    console: Console
    loaded: bool

    def add_to(self, trial: Trial, kernels: list[Kernel], rounds: int) -> None:
        """Measure kernels, the honest one among them, and set their outcomes and times in a trial."""
        config, folder, executor = replace(self.config, rounds=rounds), self.folder, self.executor
        cpus = host.usable_cpus(config.threads)
        peak = measure_peak(executor, folder, config.threads, cpus)
        store = SampleLog(fresh(folder, "samples"))

        def say(progress: Progress) -> None:
            trial.begin(progress.kernel.id)
            self.console.status(f"  lies: {progress.stage}, {progress.kernel.variant}")

        sampler = Sampler(executor, config, prepare(config.n, config.seed, config.build_dir), store, folder, cpus)
        hints_ns = {kernel.id: self.passed[kernel.id].step_ns * config.n**2 for kernel in kernels}
        measured = Rounds(config=config, store=store, sampler=sampler, hints_ns=hints_ns, say=say)
        failures: dict[str, Failed] = {}
        with all_busy() if self.loaded else contextlib.nullcontext():
            measured.run(kernels, lambda kernel, failed: failures.update({kernel.id: failed}))
        trial.end()
        samples = {kernel.id: store.samples(kernel.id) for kernel in kernels}
        estimates = estimates_of(samples, config.n)
        known_peak = None if isinstance(peak, Absent) else peak
        trial.failures |= implausible(kernels, samples, estimates, known_peak, config) | failures
        if HONEST in estimates:
            honest_ns = estimates[HONEST].value_ns
            trial.shares |= {name: estimate.value_ns / honest_ns for name, estimate in estimates.items()}


def cases_of(trial: Trial, experiment: str) -> Iterator[Case]:
    """Yield the cases of a trial: the honest kernel's, and that of each lie."""
    accused = trial.failures.get(HONEST)
    yield Case(
        experiment,
        "honest",
        flagged=accused is not None,
        check=f"{accused.stage}: {accused.code}" if accused else "",
        seconds=trial.seconds[HONEST],
    )
    for lie in catalogue():
        check_name = _caught_by(lie, trial)
        yield Case(
            experiment,
            lie.name,
            flagged=bool(check_name),
            check=check_name,
            error=trial.shares.get(lie.kernel, 0.0) - 1,
            seconds=trial.seconds[lie.kernel],
        )


def _caught_by(lie: Lie, trial: Trial) -> str:
    """Return the check that a lie failed, or GAINED_NOTHING, or nothing where it was not caught."""
    if failed := trial.failures.get(lie.kernel):
        return f"{failed.stage}: {failed.code}"
    return GAINED_NOTHING if lie.gain == Gain.TIME and trial.shares.get(lie.kernel, 0.0) >= MAX_GAIN else ""
