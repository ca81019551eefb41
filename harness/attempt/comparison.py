"""Measure tried kernels beside rungs of their ladders and a library, all in the same rounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.attempt.kept_paces import KeptPaces
from harness.attempt.language import ladder_of, libraries_of
from harness.attempt.own_kernel import Attempt
from harness.attempt.rounds import AttemptRounds
from harness.attempt.standing import naive_of, neighbours
from harness.execute.executor import Executor
from harness.measure.peak import measure_peak
from harness.measure.pilot import Pace
from harness.measure.sampler import Sampler
from harness.model.config import Config, Pages
from harness.model.job import Failed, Passed, Provided
from harness.model.kernel import REFERENCE, Kernel
from harness.model.machine import Peak
from harness.model.sample import Sample
from harness.prepare.inputs import prepare
from harness.prepare.stages import Prepared, build_all, check_all, provide
from harness.store.sample_log import SampleLog
from harness.system import host
from harness.system.devices import lacking_for
from harness.system.huge_pages import huge_pages_for_all
from harness.util.console import Console
from harness.util.scratch import fresh


@dataclass(frozen=True)
class Beside:
    """The kernels that a tried one is compared with: the rungs of its ladder, and libraries."""

    ladder: tuple[Kernel, ...] = ()
    libraries: tuple[Kernel, ...] = ()


@dataclass(frozen=True)
class Measured:
    """What was measured so far: samples and failures by the id of a kernel, and the peak, if it is known.

    `beside` has the kernels that each tried one is compared with, by its id. `pilot_s` has the seconds that a product
    takes by pilots of the last 24 hours, by the id of a kernel.
    """

    samples: Mapping[str, list[Sample]]
    failures: Mapping[str, Failed]
    peak: Peak | None
    beside: Mapping[str, Beside]
    pilot_s: Mapping[str, float]


@dataclass(frozen=True)
class Comparison:
    """Tried kernels that passed their checks, what they are measured beside, and where.

    `passed` has their checks by their ids. `folder` is for what the launches write. `common_seed` is that of the checks
    of all other kernels, which are kept for later attempts; everything is measured with the seed of `config`. `report`
    is called after each round with what was measured.
    """

    attempts: Sequence[Attempt]
    passed: Mapping[str, Passed]
    kernels: Sequence[Kernel]
    executor: Executor
    config: Config
    common_seed: int
    folder: Path
    console: Console
    report: Callable[[Measured], None] = lambda measured: None

    def run(self) -> Measured:
        """Measure the kernels beside others. Raises HarnessError."""
        config, owns = self.config, [attempt.kernel for attempt in self.attempts]
        beside = {attempt.kernel.id: self._beside(attempt) for attempt in self.attempts}
        others = {k.id: k for each in beside.values() for k in (*each.ladder, *each.libraries)}
        self.console.line("Building and checking the rungs beside it ...")
        prepared = self._prepared(list(others.values()))
        passed = {**prepared.passed, **self.passed}
        hints_ns = {name: checks.step_ns for name, checks in passed.items()}
        beside = {name: _those_in(each, hints_ns) for name, each in beside.items()}
        self.console.line("Measuring ...")
        cpus = host.usable_cpus(config.threads)
        peak = measure_peak(self.executor, self.folder, config.threads, cpus)
        rates = peak if isinstance(peak, Peak) else None
        rounds = self._rounds(hints_ns, cpus)
        kept = KeptPaces(config.build_dir, self.executor.name, config.n, config.threads)
        paces: dict[str, Pace] = {}

        def so_far() -> Measured:
            names = [name for name in hints_ns if rounds.store.samples(name)]
            samples = {name: rounds.store.samples(name) for name in names if name not in rounds.failures}
            pilot_s = {name: pace.row_ns * config.n / 1e9 for name, pace in paces.items()}
            return Measured(samples, dict(rounds.failures), rates, beside, pilot_s)

        try:
            with huge_pages_for_all(config.pages == Pages.HUGE):
                paces |= rounds.paces(owns)
                runnable = [kernel for kernel in others.values() if kernel.id in hints_ns]
                known = kept.read(runnable, prepared.built)
                new = rounds.paces([kernel for kernel in runnable if kernel.id not in known])
                kept.write({kernel: new[kernel.id] for kernel in runnable if kernel.id in new}, prepared.built)
                paces |= known | new
                row_ns = {name: pace.row_ns for name, pace in paces.items()}
                chosen = [k for own in owns if own.id in paces for k in self._chosen(own, beside[own.id], row_ns)]
                rounds.run(owns, chosen, paces, lambda: self.report(so_far()))
        finally:
            rounds.sampler.release()
        for name, failed in rounds.failures.items():
            if name in others:
                self.console.line(f"  {name} failed: {failed.reason}")
        return so_far()

    def _beside(self, attempt: Attempt) -> Beside:
        """Return the rungs of a kernel's ladder, and the installed libraries of its language, or else those of C."""
        ladder = tuple(ladder_of(attempt.like, self.kernels))
        for language in dict.fromkeys((attempt.like.language, REFERENCE)):
            libraries = [
                kernel
                for kernel in libraries_of(language, self.kernels)
                if not lacking_for(kernel) and isinstance(self.executor.provide(kernel.toolchain), Provided)
            ]
            if libraries:
                return Beside(ladder, tuple(libraries))
        return Beside(ladder)

    def _prepared(self, kernels: Sequence[Kernel]) -> Prepared:
        """Build and check kernels that are installed."""
        prepared = Prepared()
        cpus = host.usable_cpus(self.config.threads)
        provide(kernels, self.executor, prepared, self.console, install=False)
        build_all(kernels, self.executor, self.config, prepared, self.console)
        checked = replace(self.config, seed=self.common_seed)
        check_all(kernels, self.executor, checked, prepared, self.folder, cpus, self.console)
        return prepared

    def _rounds(self, hints_ns: dict[str, float], cpus: tuple[int, ...]) -> AttemptRounds:
        # in the scratch folder, which is removed: inputs of a seed that is never used again would fill the disk
        inputs = prepare(self.config.n, self.config.seed, self.folder)
        store = SampleLog(fresh(self.folder, "samples"))
        sampler = Sampler(self.executor, self.config, inputs, store, self.folder, cpus)
        return AttemptRounds(self.config, store, sampler, hints_ns, self.console)

    def _chosen(self, own: Kernel, beside: Beside, row_ns: Mapping[str, float]) -> list[Kernel]:
        """Return those that a tried kernel is measured beside: rungs near it, the rung naive, the fastest library."""
        ladder_ns = {kernel: row_ns[kernel.id] for kernel in beside.ladder if kernel.id in row_ns}
        like = next(attempt.like for attempt in self.attempts if attempt.kernel is own)
        near = neighbours(row_ns[own.id], ladder_ns, like)
        libraries = [kernel for kernel in beside.libraries if kernel.id in row_ns]
        fastest = sorted(libraries, key=lambda kernel: row_ns[kernel.id])[:1]
        return [*(k for k in ladder_ns if k in near or k is naive_of(beside.ladder)), *fastest]


def _those_in(beside: Beside, ids: Mapping[str, float]) -> Beside:
    return Beside(*(tuple(k for k in each if k.id in ids) for each in (beside.ladder, beside.libraries)))
