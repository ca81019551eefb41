"""Build and check the kernels of an experiment once, and measure them many times, as run-all does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from harness.analysis.estimate import Estimate, estimate_time
from harness.config.kernels import load_kernels, select
from harness.execute.executor import Executor
from harness.measure.rounds import Rounds
from harness.measure.sampler import Sampler
from harness.model.config import Config
from harness.model.errors import HarnessError
from harness.model.job import Failed
from harness.model.kernel import Kernel
from harness.model.sample import Sample
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

    def whole(self, name: str) -> float:
        """Measure one whole product; return its time in ns, from launches of two calls if the calls are short."""
        samples = self.measure([name], replace(self.config, full=True, min_rounds=2, rounds=2))[name]
        return self.estimate(samples).value_ns

    def measure(self, names: list[str], config: Config | None = None) -> dict[str, list[Sample]]:
        """Measure these kernels in one run; return their samples. Raises HarnessError if a kernel fails."""
        config = config or self.config
        inputs = self.inputs(config.n)
        store = SampleLog(fresh(self.folder, "samples"))

        def fail(kernel: Kernel, failed: Failed) -> None:
            raise HarnessError(f"selftest: {kernel.id} failed: {failed.reason}")

        cpus = host.usable_cpus(config.threads)
        rounds = Rounds(
            config=config,
            store=store,
            sampler=Sampler(self.executor, config, inputs, store, self.folder, cpus),
            hints_ns={name: self.hints_ns[name] * config.n**2 for name in names},
            say=lambda progress: None,
        )
        rounds.run([self.kernels[name] for name in names], fail)
        return {name: store.samples(name) for name in names}

    def estimate(self, samples: list[Sample], seed: int | None = None) -> Estimate:
        """Estimate the time of the whole product from samples. Raises HarnessError if they do not suffice."""
        config = self.config
        estimate = estimate_time(samples, config.n, config.resamples, config.seed if seed is None else seed)
        if estimate is None:
            raise HarnessError(f"selftest: {samples[0].kernel if samples else 'a kernel'} was not measured to its end")
        return estimate


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
