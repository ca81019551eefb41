"""Measure a tried kernel beside rungs of its ladder and a library, and compare their times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.analysis.estimate import estimates_of
from harness.analysis.rows import implausible, rows_of
from harness.attempt.language import ladder_of, libraries_of
from harness.attempt.own_kernel import Attempt
from harness.attempt.rounds import AttemptRounds
from harness.attempt.sentences import Compared
from harness.attempt.standing import neighbours, next_rung, standing_of
from harness.execute.executor import Executor
from harness.measure.peak import measure_peak
from harness.measure.sampler import Sampler
from harness.model.config import Config, Pages
from harness.model.errors import HarnessError
from harness.model.job import Failed, Passed, Provided
from harness.model.kernel import REFERENCE, RUNGS, Kernel
from harness.model.machine import Peak
from harness.model.sample import Sample
from harness.prepare.inputs import prepare
from harness.prepare.stages import Prepared, build_all, check_all, provide
from harness.store.sample_log import SampleLog
from harness.system import host
from harness.system.huge_pages import huge_pages_for_all
from harness.util.console import Console
from harness.util.paths import shown
from harness.util.scratch import fresh


@dataclass(frozen=True)
class Comparison:
    """What a tried kernel is measured beside, and where. `folder` is for what the launches write."""

    attempt: Attempt
    kernels: Sequence[Kernel]
    executor: Executor
    config: Config
    folder: Path
    console: Console

    def run(self, passed: Passed) -> Compared | Failed:
        """Measure the kernel beside others; return what was found, or how it failed. Raises HarnessError."""
        own, config = self.attempt.kernel, self.config
        ladder = ladder_of(self.attempt.like, self.kernels)
        self.console.line("Building and checking the rungs beside it ...")
        hints_ns = self._prepared([*ladder, *self._libraries()]) | {own.id: passed.step_ns}
        ladder = [kernel for kernel in ladder if kernel.id in hints_ns]
        libraries = [kernel for kernel in self.kernels if kernel.rung == "library" and kernel.id in hints_ns]
        self.console.line("Measuring ...")
        cpus = host.usable_cpus(config.threads)
        peak = measure_peak(self.executor, self.folder, config.threads, cpus)
        rounds = self._rounds(hints_ns, cpus)
        try:
            with huge_pages_for_all(config.pages == Pages.HUGE):
                measured = self._measure(rounds, ladder, libraries)
        finally:
            rounds.sampler.release()
        samples = {k.id: rounds.store.samples(k.id) for k in measured if k is own or k.id not in rounds.failures}
        rates = peak if isinstance(peak, Peak) else None
        return self._failure(rounds, samples, rates) or self._compared(ladder, samples, rates)

    def _libraries(self) -> list[Kernel]:
        """Return the installed libraries of the language, or else those of C."""
        for language in dict.fromkeys((self.attempt.like.language, REFERENCE)):
            libraries = [
                kernel
                for kernel in libraries_of(language, self.kernels)
                if not host.lacking(kernel.requires) and isinstance(self.executor.provide(kernel.toolchain), Provided)
            ]
            if libraries:
                return libraries
        return []

    def _prepared(self, kernels: Sequence[Kernel]) -> dict[str, float]:
        """Build and check kernels that are installed; return the time of a multiply-add of those that passed, in ns."""
        prepared = Prepared()
        cpus = host.usable_cpus(self.config.threads)
        provide(kernels, self.executor, prepared, self.console, install=False)
        build_all(kernels, self.executor, self.config, prepared, self.console)
        check_all(kernels, self.executor, self.config, prepared, self.folder, cpus, self.console)
        return {name: passed.step_ns for name, passed in prepared.passed.items()}

    def _rounds(self, hints_ns: dict[str, float], cpus: tuple[int, ...]) -> AttemptRounds:
        inputs = prepare(self.config.n, self.config.seed, self.config.build_dir)
        store = SampleLog(fresh(self.folder, "samples"))
        sampler = Sampler(self.executor, self.config, inputs, store, self.folder, cpus)
        return AttemptRounds(self.config, store, sampler, hints_ns, self.console)

    def _measure(self, rounds: AttemptRounds, ladder: list[Kernel], libraries: list[Kernel]) -> list[Kernel]:
        """Measure the kernel in turns with others; return those that were measured, the kernel itself first."""
        own = self.attempt.kernel
        paces = rounds.paces([own, *ladder, *libraries])
        if own.id not in paces:
            return [own]
        row_ns = {kernel: paces[kernel.id].row_ns for kernel in ladder if kernel.id in paces}
        beside = neighbours(paces[own.id].row_ns, row_ns, self.attempt.like)
        fastest = sorted((k for k in libraries if k.id in paces), key=lambda kernel: paces[kernel.id].row_ns)[:1]
        rungs = [k for k in ladder if k in beside or k is _naive(ladder)]
        rounds.run([own, *rungs, *fastest], paces)
        return [own, *rungs, *fastest]

    def _failure(self, rounds: AttemptRounds, samples: Mapping[str, list[Sample]], peak: Peak | None) -> Failed | None:
        """Return how the tried kernel failed while it was measured, or by the checks of what it reports."""
        own = self.attempt.kernel
        for name, failed in rounds.failures.items():
            if name != own.id:
                self.console.line(f"  {name} failed: {failed.reason}")
        estimates = estimates_of(samples, self.config.n)
        return rounds.failures.get(own.id) or implausible([own], samples, estimates, peak, self.config).get(own.id)

    def _compared(self, ladder: Sequence[Kernel], samples: Mapping[str, list[Sample]], peak: Peak | None) -> Compared:
        """Return the tried kernel's row and place. Raises HarnessError if its samples do not suffice."""
        own, config, estimates = self.attempt.kernel, self.config, estimates_of(samples, self.config.n)
        if own.id not in estimates:
            raise HarnessError(f"{shown(self.attempt.file)}: was not measured to its end")
        [row] = rows_of([own], samples, estimates, config, peak=peak)
        standing = standing_of(estimates[own.id], ladder, estimates, config.confidence)
        others = [k for language in (own.language, REFERENCE) for k in self.kernels if k.language == language]
        library = next((k for k in self.kernels if k.rung == "library" and k.id in estimates), None)
        naive = _naive(ladder)
        return Compared(
            own=row,
            standing=standing,
            naive=naive if naive and naive.id in estimates else None,
            library=library,
            upcoming=next_rung(standing, self.attempt.like, ladder, others),
            estimates=estimates,
            threads=config.threads,
            confidence=config.confidence,
        )


def _naive(ladder: Sequence[Kernel]) -> Kernel | None:
    """Return the rung naive of a ladder; of two kinds of code, that of the language itself."""
    return next((kernel for kernel in ladder if kernel.rung == RUNGS[0]), None)
