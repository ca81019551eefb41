"""One run from its config to its report: the stages in order, and what is kept of each."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness import __version__
from harness.analysis.results import results_of
from harness.config.kernels import kernels_of
from harness.execute.docker import DockerExecutor
from harness.execute.executor import Executor
from harness.measure.container_cost import measure_costs
from harness.measure.peak import best_rates, measure_peak
from harness.measure.rounds import Rounds
from harness.measure.sampler import Sampler
from harness.measure.smallest_image import measure_smallest
from harness.model.config import Config
from harness.model.errors import HarnessError, UsageError
from harness.model.job import Absent, Failed
from harness.model.kernel import Kernel
from harness.model.result import Results
from harness.prepare.inputs import FORMAT as INPUT_FORMAT
from harness.prepare.inputs import Inputs, prepare
from harness.prepare.stages import Prepared, build_all, check_all, choose_executor, provide
from harness.report.write import write_results
from harness.store.record import config_facts, config_of, kernel_facts
from harness.store.run_folder import Store
from harness.system import host
from harness.system.huge_pages import huge_pages_for_all
from harness.system.lock import host_lock
from harness.system.noise import sources_of_noise
from harness.util.console import Console
from harness.util.scratch import scratch
from harness.util.stage_timer import StageTimer


def run_all(config: Config, argv: list[str], console: Console, store: Store | None = None) -> Results:
    """Build, check, measure and report. With `store`, go on with a run that was interrupted.

    On Ctrl-C the report is made of what there is, and KeyboardInterrupt raised again. Raises HarnessError, UsageError.
    """
    ids = [kernel.id for kernel in kernels_of(replace(config, only=()))]
    if config.baseline not in ids:
        raise UsageError(f"{config.file}: baseline: no kernel '{config.baseline}'; there are {', '.join(ids)}")
    kernels = list(kernels_of(config))
    started = time.monotonic()
    with host_lock():
        executor, why = choose_executor(config)
        resumed = store is not None
        if store is None:
            store = Store.create(config.reports_dir, _plan(config, argv, kernels, executor, why))
        elif (before := store.facts["backend"]["name"]) != executor.name:
            raise UsageError(f"--resume: the run was made with --backend {before}, now it would be {executor.name}")
        console.line(f"Run {store.facts['id']}: {len(kernels)} kernels, n = {config.n}, {executor.name} ({why})")
        try:
            Pipeline(config, kernels, executor, store, console, resumed).run()
            store.facts["finished_at"] = datetime.now(UTC).isoformat(timespec="seconds")
        finally:
            # also on the way out of Ctrl-C: what was measured is worth a report
            store.facts["seconds"] = store.facts.get("seconds", 0.0) + time.monotonic() - started
            store.save()
            results = results_of(store)
            write_results(store.folder, results)
            store.publish()
    return results


def _plan(config: Config, argv: list[str], kernels: list[Kernel], executor: Executor, why: str) -> dict[str, Any]:
    return {
        "harness_version": __version__,
        "command": argv,
        "config": config_facts(config),
        "host": host.describe(),
        "backend": {"name": executor.name, "why": why},
        "kernels": [kernel_facts(kernel) for kernel in kernels],
        "notes": [],
        "toolchains": {},
        "built": {},
        "checked": {},
        "failures": {},
        "skips": {},
        "peak": None,
    }


class Pipeline:
    """The stages of one run, in order; each writes what it found to the run's facts before the next begins."""

    def __init__(
        self, config: Config, kernels: list[Kernel], executor: Executor, store: Store, console: Console, resumed: bool
    ) -> None:
        self._config = config
        self._kernels = kernels
        self._executor = executor
        self._store = store
        self._facts = store.facts
        self._console = console
        self._resumed = resumed
        self._prepared = Prepared()
        self._cpus = host.usable_cpus(config.threads)
        self._step = StageTimer(console, self._facts.setdefault("stages_s", {}))

    def run(self) -> None:
        """Run all stages. Raises HarnessError, UsageError, KeyboardInterrupt."""
        self._facts["cpus"] = list(self._cpus)
        largest = max(self._config.n, *self._config.sizes.n, 0)
        room_bytes = 3 * 8 * largest**2 + 2**28
        self._provide_toolchains()
        self._build()
        with scratch(room_bytes, self._config.build_dir / "scratch") as folder:
            self._check(folder)
            inputs = self._prepare_inputs()
            self._observe_machine(folder)
            if isinstance(self._executor, DockerExecutor):
                self._measure_containers(self._executor, folder)
                self._measure_smallest_images(self._executor, folder)
            self._measure(inputs, folder)
            self._measure_other_sizes(folder)
        self._step.end()

    def _provide_toolchains(self) -> None:
        self._step("Toolchains" if self._executor.name == "native" else "Images")
        provide(self._kernels, self._executor, self._prepared, self._console)
        self._facts["skips"] = self._prepared.skips
        self._facts["toolchains"] = {name: asdict(provided) for name, provided in self._prepared.provided.items()}

    def _build(self) -> None:
        self._step("Building")
        build_all(self._kernels, self._executor, self._config, self._prepared, self._console)
        built = {name: {**asdict(made), "path": str(made.path)} for name, made in self._prepared.built.items()}
        if self._resumed:
            _same_artefacts(self._facts["built"], built, self._store)
        self._facts["built"] = built

    def _check(self, folder: Path) -> None:
        self._step("Checking")
        check_all(self._kernels, self._executor, self._config, self._prepared, folder, self._cpus, self._console)
        self._facts["checked"] = {name: asdict(passed) for name, passed in self._prepared.passed.items()}
        self._facts["failures"] = {name: asdict(failed) for name, failed in self._prepared.failures.items()}
        self._store.save()

    def _prepare_inputs(self) -> Inputs:
        self._step(f"Inputs of n = {self._config.n}, and the peak")
        inputs = prepare(self._config.n, self._config.seed, self._config.build_dir)
        self._facts["inputs"] = {
            "format": INPUT_FORMAT,
            "n": inputs.n,
            "seed": inputs.seed,
            "sha256_a": inputs.sha256_a,
            "sha256_b": inputs.sha256_b,
        }
        return inputs

    def _observe_machine(self, folder: Path) -> None:
        self._measure_peak(folder)
        self._facts["noise"] = sources_of_noise(self._cpus)
        self._facts["machine"] = {"before": host.snapshot()}
        self._store.save()

    def _measure_peak(self, folder: Path) -> None:
        """Measure the peak and keep the best of those before and after the kernels: noise can only lower one."""
        facts = self._facts
        if "finished_at" in facts:
            return  # a finished run that is resumed keeps its peak, and so every share of it
        peak = measure_peak(self._executor, folder, self._config.threads, self._cpus)
        if isinstance(peak, Absent):
            note = ["no-peak", f"the peak was not measured: {peak.reason}", peak.remedy]
            if note not in facts["notes"]:
                facts["notes"].append(note)
            return
        facts["peak"] = best_rates(peak, facts["peak"] or {})

    def _measure_containers(self, executor: DockerExecutor, folder: Path) -> None:
        if "containers" in self._facts:
            return
        self._step("What containers cost")
        step_ns = {name: passed.step_ns for name, passed in self._prepared.passed.items()}
        costs = measure_costs(self._passed(), executor, self._config, step_ns, folder, self._cpus)
        self._facts["containers"] = [asdict(cost) for cost in costs]
        self._store.save()

    def _measure_smallest_images(self, executor: DockerExecutor, folder: Path) -> None:
        if "smallest" in self._facts:
            return
        self._step("The smallest containers")
        smallest = measure_smallest(self._passed(), executor, self._config, folder, self._cpus)
        self._facts["smallest"] = [asdict(one) for one in smallest]
        self._store.save()

    def _measure(self, inputs: Inputs, folder: Path) -> None:
        self._step("Measuring")
        rounds = self._rounds(self._config, inputs, self._store, folder)
        try:
            self._run_rounds(rounds)
        finally:
            facts = self._facts
            facts["machine"]["after"] = host.snapshot()
            facts["verify_s"] = facts.get("verify_s", 0.0) + rounds.sampler.overhead.verify_ns / 1e9
            facts["launches_s"] = sum(launch_walls_ns(self._store, self._kernels)) / 1e9
            facts["gaps_ns"] = [*facts.get("gaps_ns", []), *rounds.sampler.overhead.gaps_ns]
        self._measure_peak(folder)
        if not inputs.intact():
            raise HarnessError(f"the inputs in {inputs.folder} were changed during the run; its results do not count")

    def _measure_other_sizes(self, folder: Path) -> None:
        config = self._config
        for n in config.sizes.n:
            self._step(f"n = {n}")
            other = _at_size(config, n)
            store = self._store.inside(f"sizes/{n}")
            inputs = prepare(n, config.seed, config.build_dir)
            self._run_rounds(self._rounds(other, inputs, store, folder, reallocate_unused_budget=False))

    def _rounds(
        self, config: Config, inputs: Inputs, store: Store, folder: Path, reallocate_unused_budget: bool = True
    ) -> Rounds:
        return Rounds(
            config=config,
            store=store,
            sampler=Sampler(self._executor, config, inputs, store, folder, self._cpus),
            hints_ns={name: passed.step_ns * config.n**2 for name, passed in self._prepared.passed.items()},
            say=self._console.measuring,
            reallocate_unused_budget=reallocate_unused_budget,
        )

    def _run_rounds(self, rounds: Rounds) -> None:
        with huge_pages_for_all(self._config.pages == "huge"):
            rounds.run([kernel for kernel in self._passed() if kernel.id not in self._facts["failures"]], self._fail)

    def _passed(self) -> list[Kernel]:
        return [kernel for kernel in self._kernels if kernel.id in self._prepared.passed]

    def _fail(self, kernel: Kernel, failed: Failed) -> None:
        self._facts["failures"][kernel.id] = asdict(failed)
        self._store.save()
        self._console.line(f"  {kernel.id} failed: {failed.reason}")


def _at_size(config: Config, n: int) -> Config:
    """The settings for one n of --sizes, with their own budget and rounds."""
    rounds = config.sizes.rounds
    return replace(
        config, n=n, budget_s=config.sizes.budget_s, rounds=rounds, min_rounds=min(rounds, config.min_rounds)
    )


def launch_walls_ns(store: Store, kernels: list[Kernel]) -> list[int]:
    """The time of every launch of a run by the launcher's clock."""
    samples = (sample for kernel in kernels for sample in store.samples(kernel.id))
    return list({sample.launch: sample.launch_wall_ns for sample in samples}.values())


def _same_artefacts(before: dict[str, Any], now: dict[str, Any], store: Store) -> None:
    """Refuse to add to a run what other artefacts measured: a row would be of two programs."""
    changed = [
        kernel
        for kernel, built in now.items()
        if kernel in before and before[kernel]["digest"] != built["digest"] and store.samples(kernel)
    ]
    if changed:
        raise UsageError(
            f"--resume: {', '.join(changed)} would now be other programs than those measured in {store.folder.name}; "
            "start a new run"
        )


def resume(folder: Path) -> tuple[Config, Store]:
    """A run that was interrupted, and the config that it was begun with. Raises UsageError."""
    store = Store.open(folder)
    config = config_of(store.facts["config"])
    if store.facts["host"]["cpu"] != host.cpu_model():
        raise UsageError(f"--resume: the run was begun on {store.facts['host']['cpu']}, this is {host.cpu_model()}")
    return config, store
