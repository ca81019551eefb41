"""One run from its config to its report: the stages in order, and what is kept of each."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from harness import __version__
from harness.analysis.results import results_of
from harness.config.kernels import kernels_of
from harness.execute.docker import DockerExecutor
from harness.execute.executor import Executor
from harness.measure.budget import half_width, kernel_progress
from harness.measure.container_cost import measure_costs
from harness.measure.peak import measure_peak
from harness.measure.rounds import Measuring
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
from harness.util.console import Console
from harness.util.format import duration
from harness.util.scratch import scratch


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
            _stages(config, kernels, executor, store, console, resumed)
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


def _stages(
    config: Config, kernels: list[Kernel], executor: Executor, store: Store, console: Console, resumed: bool
) -> None:
    facts, prepared = store.facts, Prepared()
    cpus = host.usable_cpus(config.threads)
    facts["cpus"] = list(cpus)
    room = 8 * max(config.n, *config.sizes.n, 0) ** 2 * 3 + 2**28

    step = _Steps(console, facts.setdefault("stages_s", {}))
    step("Toolchains" if executor.name == "native" else "Images")
    provide(kernels, executor, prepared, console)
    facts["skips"] = prepared.skips
    facts["toolchains"] = {kernel: asdict(provided) for kernel, provided in prepared.provided.items()}
    step("Building")
    build_all(kernels, executor, config, prepared, console)
    built = {kernel: {**asdict(b), "path": str(b.path)} for kernel, b in prepared.built.items()}
    if resumed:
        _same_artefacts(facts["built"], built, store)
    facts["built"] = built
    with scratch(room, config.build_dir / "scratch") as folder:
        step("Checking")
        check_all(kernels, executor, config, prepared, folder, cpus, console)
        facts["checked"] = {kernel: asdict(passed) for kernel, passed in prepared.passed.items()}
        facts["failures"] = {kernel: asdict(failed) for kernel, failed in prepared.failures.items()}
        store.save()

        step(f"Inputs of n = {config.n}, and the peak")
        inputs = prepare(config.n, config.seed, config.build_dir)
        facts["inputs"] = {
            "format": INPUT_FORMAT,
            "n": config.n,
            "seed": config.seed,
            "sha256_a": inputs.sha256_a,
            "sha256_b": inputs.sha256_b,
        }
        _measure_peak(facts, executor, folder, config, cpus)
        facts["noise"] = host.noise(cpus)
        facts["machine"] = {"before": host.snapshot()}
        store.save()

        if isinstance(executor, DockerExecutor) and "containers" not in facts:
            step("What containers cost")
            known = [kernel for kernel in kernels if kernel.id in prepared.passed]
            hints_ns = {kernel: passed.step_ns for kernel, passed in prepared.passed.items()}
            costs = measure_costs(known, executor, config, hints_ns, folder, cpus)
            facts["containers"] = [asdict(cost) for cost in costs]
            store.save()

        if isinstance(executor, DockerExecutor) and "smallest" not in facts:
            step("The smallest containers")
            known = [kernel for kernel in kernels if kernel.id in prepared.passed]
            facts["smallest"] = [asdict(one) for one in measure_smallest(known, executor, config, folder, cpus)]
            store.save()

        step("Measuring")

        def fail(kernel: Kernel, failed: Failed) -> None:
            facts["failures"][kernel.id] = asdict(failed)
            store.save()
            console.line(f"  {kernel.id} failed: {failed.reason}")

        measuring: list[Measuring] = []

        def measure(config: Config, inputs: Inputs, store: Store, reallocate_unused_budget: bool = True) -> None:
            one = Measuring(
                executor=executor,
                config=config,
                inputs=inputs,
                store=store,
                scratch=folder,
                cpus=cpus,
                half_width=partial(half_width, config=config),
                kernel_progress=partial(kernel_progress, samples_of=store.samples, config=config),
                hints_ns={kernel: passed.step_ns * config.n**2 for kernel, passed in prepared.passed.items()},
                say=console.measuring,
                reallocate_unused_budget=reallocate_unused_budget,
            )
            measuring.append(one)
            ready = [kernel for kernel in kernels if kernel.id in prepared.passed]
            try:
                with huge_pages_for_all(config.pages == "huge"):
                    one.run([kernel for kernel in ready if kernel.id not in facts["failures"]], fail)
            except OSError as error:
                raise HarnessError(f"{store.folder}: a sample cannot be stored: {error.strerror}") from None

        try:
            measure(config, inputs, store)
        finally:
            facts["machine"]["after"] = host.snapshot()
            facts["verify_s"] = facts.get("verify_s", 0.0) + measuring[0].verify_ns / 1e9
            facts["launches_s"] = sum(launch_walls_ns(store, kernels)) / 1e9
            facts["gaps_ns"] = [*facts.get("gaps_ns", []), *measuring[0].gaps_ns]
        _measure_peak(facts, executor, folder, config, cpus)
        if not inputs.intact():
            raise HarnessError(f"the inputs in {inputs.folder} were changed during the run; its results do not count")
        for n in config.sizes.n:
            step(f"n = {n}")
            rounds = config.sizes.rounds
            other = replace(
                config, n=n, budget_s=config.sizes.budget_s, rounds=rounds, min_rounds=min(rounds, config.min_rounds)
            )
            measure(
                other,
                prepare(n, config.seed, config.build_dir),
                store.inside(f"sizes/{n}"),
                reallocate_unused_budget=False,
            )
    step.end()


def _measure_peak(
    facts: dict[str, Any], executor: Executor, folder: Path, config: Config, cpus: tuple[int, ...]
) -> None:
    """Measure the peak and keep the best of those before and after the kernels: noise can only lower one."""
    if "finished_at" in facts:
        return  # a finished run that is resumed keeps its peak, and so every share of it
    peak = measure_peak(executor, folder, config.threads, cpus)
    if isinstance(peak, Absent):
        note = ["no-peak", f"the peak was not measured: {peak.reason}", peak.remedy]
        if note not in facts["notes"]:
            facts["notes"].append(note)
        return
    known = facts["peak"] or {}
    best = {
        what: {str(count): max(rate, known.get(what, {}).get(str(count), 0.0)) for count, rate in rates.items()}
        for what, rates in (
            ("gflops", peak.gflops),
            ("memory_gbs", peak.memory_gbs),
            ("engine_gops", peak.engine_gops),
        )
    }
    facts["peak"] = {"isa": peak.isa, **best}


def launch_walls_ns(store: Store, kernels: list[Kernel]) -> list[int]:
    """The time of every launch of a run by the launcher's clock."""
    samples = (sample for kernel in kernels for sample in store.samples(kernel.id))
    return list({sample.launch: sample.launch_wall_ns for sample in samples}.values())


class _Steps:
    """Says what each stage is, and how long the one before it took; `seconds` has it by stage, resumptions added."""

    def __init__(self, console: Console, seconds: dict[str, float]) -> None:
        self._console, self._seconds, self._name, self._start = console, seconds, "", time.monotonic()

    def __call__(self, name: str) -> None:
        self.end()
        self._console.line(f"{name} ...")
        self._name, self._start = name, time.monotonic()

    def end(self) -> None:
        if self._name:
            took = time.monotonic() - self._start
            self._seconds[self._name] = self._seconds.get(self._name, 0.0) + took
            self._console.line(f"  {self._name.lower()}: {duration(took)}")


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
