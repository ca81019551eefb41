"""Run a configuration from start to report, or resume an interrupted run."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from harness import __version__
from harness.analysis.results import results_of
from harness.config.kernels import kernels_of
from harness.execute.executor import Executor
from harness.explain.stage import MIN_RUN_N, Countable, Counting, count_in_run
from harness.model.config import Config
from harness.model.errors import UsageError
from harness.model.kernel import Kernel
from harness.model.results import Results
from harness.model.run_record import BackendInfo, RunRecord
from harness.pipeline import Pipeline
from harness.prepare.stages import choose_executor
from harness.report.write import write_results
from harness.store.record import kernel_record
from harness.store.run_folder import Store, run_id
from harness.system import host
from harness.system.lock import host_lock
from harness.util.chip import difference
from harness.util.console import Console
from harness.util.stage_timer import StageTimer


def run_all(config: Config, argv: list[str], console: Console, store: Store | None = None) -> Results:
    """Build, check, measure and report. With `store`, continue a run that was interrupted.

    On Ctrl-C the report is written from the samples so far, and KeyboardInterrupt raised again.
    Raises HarnessError, UsageError.
    """
    config = _with_baseline(config)
    kernels = list(kernels_of(config))
    started = time.monotonic()
    with host_lock():
        executor, why = choose_executor(config)
        resumed = store is not None
        if store is None:
            store = Store.create(config.reports_dir, _plan(config, argv, kernels, executor, why))
        elif (before := store.record.backend.name) != executor.name:
            raise UsageError(f"--resume: the run was made with --backend {before}, now it would be {executor.name}")
        console.line(f"Run {store.record.id}: {len(kernels)} kernels, n = {config.n}, {executor.name} ({why})")
        try:
            Pipeline(config, kernels, executor, store, console, resumed).run()
            _count(config, kernels, executor, store, console)
            store.record = replace(store.record, finished_at=_timestamp(datetime.now(UTC)))
        finally:
            # also after Ctrl-C: the samples measured so far are worth a report
            store.record = replace(store.record, seconds=store.record.seconds + time.monotonic() - started)
            store.save()
            results = results_of(store)
            write_results(store.folder, results)
            if why_not := store.publish():
                console.line(f"Note: {why_not}")
    return results


def _with_baseline(config: Config) -> Config:
    """Return the configuration with a baseline by the toolchains of the run. Raises UsageError if it does not exist.

    A run without the default toolchain of the baseline's language has the first one that was chosen instead.
    """
    kernels = kernels_of(replace(config, only=()))
    ids = [kernel.id for kernel in kernels]
    if config.baseline in ids:
        return config
    for kernel in kernels:
        if kernel.default_id == config.baseline:
            return replace(config, baseline=kernel.id)
    raise UsageError(f"{config.file}: baseline: no kernel '{config.baseline}'; there are {', '.join(ids)}")


def _count(config: Config, kernels: list[Kernel], executor: Executor, store: Store, console: Console) -> None:
    """Count the kernels that were measured, as far as their counts are not kept."""
    record = store.record
    if not config.why or config.n < MIN_RUN_N:
        return
    begin_stage = StageTimer(console, record.stages_s)
    begin_stage("Counts")
    measured = [kernel for kernel in kernels if kernel.id in record.checked and kernel.id not in record.failures]
    countable = Countable(measured, record.built, record.toolchains)
    count_in_run(Counting(executor, config, console), countable, store.folder)
    begin_stage.end()


def _plan(config: Config, argv: list[str], kernels: list[Kernel], executor: Executor, why: str) -> RunRecord:
    """Return the record of a run that begins now."""
    started = datetime.now(UTC)
    return RunRecord(
        id=run_id(started),
        started_at=_timestamp(started),
        harness_version=__version__,
        command=tuple(argv),
        config=config,
        host=host.describe(),
        backend=BackendInfo(executor.name, why),
        kernels=tuple(kernel_record(kernel) for kernel in kernels),
    )


def _timestamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def resume(folder: Path) -> tuple[Config, Store]:
    """Open a run that was interrupted, with the configuration that it was begun with. Raises UsageError."""
    store = Store.open(folder)
    # the samples of two machines in one run would be taken for one machine's
    if other := difference(store.record.host, host.describe()):
        if other.what == "CPU":
            raise UsageError(f"--resume: the run was begun on {other.before}, this is {other.after}")
        raise UsageError(
            f"--resume: the run was begun on another machine: {other.before} then, {other.after} now; "
            "continue it there, or begin a new run here"
        )
    return store.record.config, store
