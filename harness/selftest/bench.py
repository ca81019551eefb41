"""Build and check the kernels of an experiment once, and measure them many times, as run-all does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from harness.analysis.estimate import Estimate, estimate_time
from harness.config.kernels import load_kernels, select
from harness.execute.executor import Executor
from harness.measure.pilot import Pace, has_costly_calls, pilot
from harness.measure.plan import PILOT_ROUND
from harness.measure.rounds import Rounds
from harness.measure.sampler import Sampler
from harness.model.config import Config
from harness.model.errors import HarnessError
from harness.model.job import Failed
from harness.model.kernel import Kernel
from harness.model.sample import Sample, Step
from harness.prepare.inputs import Inputs, prepare
from harness.prepare.stages import Prepared, build_all, check_all, choose_executor, provide
from harness.store.sample_log import SampleLog
from harness.system import host
from harness.util.console import Console
from harness.util.scratch import fresh, scratch


@dataclass
class Bench:
    """Kernels that are ready to be measured repeatedly, each time by a run's own schedule.

    `missing` has the kernels that are not ready, with the reason. `hints_ns` has the time of one multiply-add of each
    kernel, from its checks.
    """

    config: Config
    executor: Executor
    kernels: dict[str, Kernel]
    hints_ns: dict[str, float]
    missing: dict[str, str]
    folder: Path

    def __post_init__(self) -> None:
        self._inputs: dict[int, Inputs] = {}

    def inputs(self, n: int) -> Inputs:
        """Return the inputs of a size; create them the first time."""
        if n not in self._inputs:
            self._inputs[n] = prepare(n, self.config.seed, self.config.build_dir)
        return self._inputs[n]

    def measure(self, names: list[str]) -> dict[str, list[Sample]]:
        """Measure these kernels in one run; return their samples. Raises HarnessError if a kernel fails."""
        store = self._store()
        rounds = Rounds(
            config=self.config,
            store=store,
            sampler=self._sampler(store),
            hints_ns={name: self._hint_ns(name) for name in names},
            say=lambda progress: None,
        )
        rounds.run([self.kernels[name] for name in names], _raise)
        return {name: store.samples(name) for name in names}

    def pace(self, kernel: Kernel) -> Pace:
        """Measure how long a kernel takes, by pilots. Raises HarnessError if it fails."""
        history: list[Sample] = []
        threads, hint_ns = kernel.threads_of(self.config.threads), self._hint_ns(kernel.id)
        while isinstance(step := pilot(history, self.config.n, threads, hint_ns, has_costly_calls(kernel)), Step):
            history += _numbered(self.launch([(PILOT_ROUND, kernel, step)])[kernel.id], len(history))
        return step

    def launch(self, steps: Iterable[tuple[int, Kernel, Step]]) -> dict[str, list[Sample]]:
        """Make launches in this order, each in a round of its number; return the samples of each kernel.

        Raises HarnessError if a kernel fails.
        """
        store = self._store()
        sampler = self._sampler(store)
        launched: dict[str, list[Sample]] = {}
        try:
            for number, kernel, step in steps:
                if failed := sampler.sample(kernel, step, store.samples(kernel.id), number):
                    _raise(kernel, failed)
                launched[kernel.id] = store.samples(kernel.id)
        finally:
            sampler.release()
        return launched

    def _store(self) -> SampleLog:
        return SampleLog(fresh(self.folder, "samples"))

    def _sampler(self, store: SampleLog) -> Sampler:
        cpus = host.usable_cpus(self.config.threads)
        return Sampler(self.executor, self.config, self.inputs(self.config.n), store, self.folder, cpus)

    def _hint_ns(self, name: str) -> float:
        return self.hints_ns[name] * self.config.n**2

    def estimate(self, samples: list[Sample]) -> Estimate:
        """Estimate the time of the whole product from samples. Raises HarnessError if they do not suffice."""
        estimate = estimate_time(samples, self.config.n)
        if estimate is None:
            raise HarnessError(f"selftest: {samples[0].kernel if samples else 'a kernel'} was not measured to its end")
        return estimate


def _raise(kernel: Kernel, failed: Failed) -> None:
    raise HarnessError(f"selftest: {kernel.id} failed: {failed.reason}")


def _numbered(samples: list[Sample], first: int) -> list[Sample]:
    """Return samples whose launches are numbered from `first` on: each pilot has a store of its own."""
    return [replace(sample, launch=first + sample.launch) for sample in samples]


@contextmanager
def bench(config: Config, only: tuple[str, ...], console: Console) -> Iterator[Bench]:
    """Build and check the kernels of `config.kernels_dir` that `only` names."""
    kernels = list(select(load_kernels(config.kernels_dir), only))
    executor, _ = choose_executor(config)
    prepared = Prepared()
    with scratch(2**28 + 24 * config.n**2, config.build_dir / "scratch") as folder:
        provide(kernels, executor, prepared, console)
        build_all(kernels, executor, config, prepared, console)
        check_all(kernels, executor, config, prepared, folder, host.usable_cpus(config.threads), console)
        hints_ns = {name: passed.step_ns for name, passed in prepared.passed.items()}
        missing = prepared.skips | {name: failed.reason for name, failed in prepared.failures.items()}
        ready = {kernel.id: kernel for kernel in kernels if kernel.id in hints_ns}
        yield Bench(config, executor, ready, hints_ns, missing, folder)
