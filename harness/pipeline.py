"""Run the stages of a run, from toolchains to samples, and record the outcome of each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.execute.docker import DockerExecutor
from harness.execute.executor import Executor
from harness.explain.loops_of_run import find_in_run
from harness.explain.stage import MIN_RUN_N
from harness.measure.container_cost import measure_costs
from harness.measure.device_peak import measure_device_peaks
from harness.measure.first_launches import print_first_answer
from harness.measure.observation import with_device_peaks, with_machine, with_measuring, with_peak, with_plan
from harness.measure.peak import measure_peak
from harness.measure.plan import Plan
from harness.measure.rounds import Rounds
from harness.measure.sampler import Sampler
from harness.measure.smallest_image import measure_smallest
from harness.model.config import Backend, Config, Effort, Pages
from harness.model.counters import NO_COUNTERS
from harness.model.errors import HarnessError, UsageError
from harness.model.job import Built, Failed, FailureCode
from harness.model.kernel import Kernel
from harness.model.run_record import InputRecord, RunRecord
from harness.prepare.inputs import FORMAT as INPUT_FORMAT
from harness.prepare.inputs import Inputs, prepare
from harness.prepare.stages import Prepared, build_all, check_all, provide
from harness.store.run_folder import Store
from harness.store.sample_log import SampleLog
from harness.system import host
from harness.system.huge_pages import huge_pages_for_all
from harness.util.console import Console
from harness.util.scratch import scratch
from harness.util.stage_timer import StageTimer


class Pipeline:
    """The stages of one run, in order; each adds its outcome to the run's record before the next begins."""

    def __init__(
        self, config: Config, kernels: list[Kernel], executor: Executor, store: Store, console: Console, resumed: bool
    ) -> None:
        self._config = config
        self._kernels = kernels
        self._executor = executor
        self._store = store
        self._console = console
        self._resumed = resumed
        self._prepared = Prepared()
        self._cpus = host.usable_cpus(config.threads)
        # the timer adds to the record's own mapping, so that Ctrl-C loses no stage's time
        self._begin_stage = StageTimer(console, store.record.stages_s)

    def run(self) -> None:
        """Run all stages. Raises HarnessError, UsageError, KeyboardInterrupt."""
        store = self._store
        store.record = replace(store.record, cpus=self._cpus)
        largest = max(self._config.n, *self._config.sizes.n, 0)
        room_bytes = 3 * 8 * largest**2 + 2**28
        if not self._resumed:
            print_first_answer(
                self._kernels, self._executor, self._config, self._cpus, self._console, self._begin_stage
            )
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
            self._find_loops(folder)
        self._begin_stage.end()

    def _provide_toolchains(self) -> None:
        self._begin_stage("Toolchains" if self._executor.name == Backend.NATIVE else "Images")
        provide(self._kernels, self._executor, self._prepared, self._console)
        skips, toolchains = self._prepared.skips, self._prepared.provided
        self._store.record = replace(self._store.record, skips=skips, toolchains=toolchains)

    def _build(self) -> None:
        self._begin_stage("Building")
        build_all(self._kernels, self._executor, self._config, self._prepared, self._console)
        built = self._prepared.built
        if self._resumed:
            _refuse_other_artefacts(self._store, built)
        self._store.record = replace(self._store.record, built=built, skips=self._prepared.skips)

    def _check(self, folder: Path) -> None:
        self._begin_stage("Checking")
        check_all(self._kernels, self._executor, self._config, self._prepared, folder, self._cpus, self._console)
        store, prepared = self._store, self._prepared
        store.record = replace(store.record, checked=prepared.passed, failures=prepared.failures, skips=prepared.skips)
        store.save()

    def _prepare_inputs(self) -> Inputs:
        self._begin_stage(f"Inputs of n = {self._config.n}, and the peak")
        inputs = prepare(self._config.n, self._config.seed, self._config.build_dir)
        kept = InputRecord(INPUT_FORMAT, inputs.n, inputs.seed, inputs.sha256_a, inputs.sha256_b)
        self._store.record = replace(self._store.record, inputs=kept)
        return inputs

    def _observe_machine(self, folder: Path) -> None:
        self._measure_peak(folder)
        self._store.record = with_machine(self._store.record)
        self._store.save()

    def _measure_peak(self, folder: Path) -> None:
        if self._store.record.finished_at is not None:
            return  # a finished run that is resumed keeps its peak: every share of peak depends on it
        peak = measure_peak(self._executor, folder, self._config.threads, self._cpus)
        devices = measure_device_peaks(self._passed(), self._executor, self._config, folder, self._cpus)
        self._store.record = with_device_peaks(with_peak(self._store.record, peak), devices)

    def _measure_containers(self, executor: DockerExecutor, folder: Path) -> None:
        store = self._store
        if store.record.containers is not None:
            return
        self._begin_stage("Cost of containers")
        step_ns = {name: passed.step_ns for name, passed in self._prepared.passed.items()}
        costs = measure_costs(self._passed(), executor, self._config, step_ns, folder, self._cpus)
        store.record = replace(store.record, containers=tuple(costs))
        store.save()

    def _measure_smallest_images(self, executor: DockerExecutor, folder: Path) -> None:
        store = self._store
        if store.record.smallest is not None:
            return
        self._begin_stage("Smallest containers")
        smallest = measure_smallest(self._passed(), executor, self._config, folder, self._cpus)
        store.record = replace(store.record, smallest=tuple(smallest))
        store.save()

    def _measure(self, inputs: Inputs, folder: Path) -> None:
        self._begin_stage("Measuring")
        store = self._store
        rounds = self._rounds(self._config, inputs, store, folder)
        try:
            plan = self._run_rounds(rounds)
            store.record = with_plan(store.record, plan)
        finally:
            launches_s = sum(launch_walls_ns(store, self._kernels)) / 1e9
            store.record = with_measuring(store.record, rounds.sampler.overhead, launches_s)
        self._measure_peak(folder)
        if not inputs.intact():
            raise HarnessError(f"the inputs in {inputs.folder} were changed during the run; its results do not count")

    def _measure_other_sizes(self, folder: Path) -> None:
        for n in self._config.sizes.n:
            self._begin_stage(f"n = {n}")
            inputs = prepare(n, self._config.seed, self._config.build_dir)
            self._run_rounds(self._rounds(_at_size(self._config, n), inputs, self._store.at_size(n), folder))

    def _find_loops(self, folder: Path) -> None:
        if not self._config.why or self._config.n < MIN_RUN_N:
            return
        self._begin_stage("Hottest loops")
        find_in_run(self._passed(), self._executor, self._config, folder, self._console, self._store.folder)

    def _rounds(self, config: Config, inputs: Inputs, log: SampleLog, folder: Path) -> Rounds:
        counters = self._store.record.counters or NO_COUNTERS
        return Rounds(
            config=config,
            store=log,
            sampler=Sampler(self._executor, config, inputs, log, folder, self._cpus, counters),
            hints_ns={name: passed.step_ns * config.n**2 for name, passed in self._prepared.passed.items()},
            say=self._console.measuring,
        )

    def _run_rounds(self, rounds: Rounds) -> Plan:
        with huge_pages_for_all(self._config.pages == Pages.HUGE):
            return rounds.run(self._passed(), self._fail, frozenset(self._store.record.failures))

    def _passed(self) -> list[Kernel]:
        return [kernel for kernel in self._kernels if kernel.id in self._prepared.passed]

    def _fail(self, kernel: Kernel, failed: Failed) -> None:
        store = self._store
        skipped = failed.code == FailureCode.CANNOT_RUN_HERE
        self._console.line(
            f"  skipped {kernel.id}: {failed.reason}" if skipped else f"  {kernel.id} failed: {failed.reason}"
        )
        store.record = _with_failure(store.record, kernel.id, failed, measured=bool(store.samples(kernel.id)))
        store.save()


def _at_size(config: Config, n: int) -> Config:
    """Return the settings for one n of --sizes: little effort, and its own rounds."""
    return replace(config, n=n, effort=Effort.QUICK, rounds=config.sizes.rounds)


def _with_failure(record: RunRecord, kernel: str, failed: Failed, measured: bool) -> RunRecord:
    """Return the record with a kernel that failed, or that cannot run here.

    At another n than the run's own, for example for want of memory, the row of a measured kernel stays.
    """
    if failed.code != FailureCode.CANNOT_RUN_HERE:
        return replace(record, failures=record.failures | {kernel: failed})
    return record if measured else replace(record, skips=record.skips | {kernel: failed.reason})


def launch_walls_ns(log: SampleLog, kernels: list[Kernel]) -> list[int]:
    """Return the time of every launch of a run by the launcher's clock."""
    samples = (sample for kernel in kernels for sample in log.samples(kernel.id))
    return list({sample.launch: sample.launch_wall_ns for sample in samples}.values())


def _refuse_other_artefacts(store: Store, built: dict[str, Built]) -> None:
    """Raise UsageError if a measured kernel has another artefact now: its row would be of two programs."""
    before = store.record.built
    changed = [
        kernel
        for kernel, now in built.items()
        if kernel in before and before[kernel].digest != now.digest and store.samples(kernel)
    ]
    if changed:
        raise UsageError(
            f"--resume: {', '.join(changed)} would now be other programs than those measured in {store.folder.name}; "
            "start a new run"
        )
