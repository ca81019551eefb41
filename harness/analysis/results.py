"""Analyse a stored run: its rows, findings and sizes."""

from __future__ import annotations

from harness.analysis.answer import answer_of
from harness.analysis.compare import Run
from harness.analysis.estimate import Estimate, estimate_time, estimates_of
from harness.analysis.factors import product_of
from harness.analysis.intervals import interval
from harness.analysis.lines_of_code import lines_of_code
from harness.analysis.machine_counters import with_counters
from harness.analysis.rows import gflops, rows_of
from harness.analysis.run_findings import findings_of_run
from harness.analysis.shared_findings import share_findings
from harness.model.answer import Answer
from harness.model.config import Config
from harness.model.result import AtSize, BuildInfo, Product, Quantity, Row
from harness.model.results import Results
from harness.model.run_record import KernelRecord, RunRecord
from harness.store.counts_file import read_counts
from harness.store.loops_file import read_loops
from harness.store.run_folder import Store


def results_of(store: Store) -> Results:
    """Compute the rows and findings of a stored run. Raises UsageError."""
    record = store.record
    samples = {kernel.id: store.samples(kernel.id) for kernel in record.kernels}
    estimates = estimates_of(samples, record.config.n)
    rows = rows_of(
        list(record.kernels),
        samples,
        estimates,
        record.config,
        record.failures,
        record.skips,
        {kernel.id: _build_info(kernel, record) for kernel in record.kernels},
        record.peak,
    )
    rows = with_counters(rows, samples, record.counters, record.energy)
    answer = answer_of(rows, estimates, record.config)
    findings = findings_of_run(record, [sample for taken in samples.values() for sample in taken], answer)
    product = _product(answer, rows, estimates, record.config)
    rows, shared = share_findings(rows)
    findings = (*findings, *shared)
    loops = read_loops(store.folder)
    sizes, counts = _sizes(store, rows), read_counts(store.folder)
    return Results(record, rows, findings, store.folder, samples, sizes, answer, product, loops, counts)


def _product(answer: Answer, rows: list[Row], estimates: dict[str, Estimate], config: Config) -> Product | None:
    """Return the speed-up of the headline as a product of its steps; None without a headline."""
    if answer.baseline is None or answer.fastest is None:
        return None
    return product_of(estimates, rows, answer.baseline.kernel, answer.fastest, config.confidence)


def _sizes(store: Store, rows: list[Row]) -> list[AtSize]:
    """Return the times at every n, smallest first, of the kernels measured at the run's own n; empty without other n.

    Raises UsageError.
    """
    config = store.record.config
    measured = [row for row in rows if row.time is not None]
    sizes = []
    for n in store.sizes():
        log = store.at_size(n)
        for row in measured:
            estimate = estimate_time(log.samples(row.kernel), n)
            if estimate is not None:
                time = Quantity.of(estimate.value_ns, interval(estimate, config.confidence), 1e9)
                sizes.append(AtSize(row.kernel, n, time, gflops(estimate, n), estimate.estimated))
    own = [AtSize(row.kernel, row.n, row.time, row.rate.gflops, row.estimated) for row in rows if row.time and row.rate]
    return sorted([*sizes, *own], key=lambda size: size.n) if sizes else []


def run_of(store: Store) -> Run:
    """Return a stored run as a comparison needs it. Raises UsageError."""
    results = results_of(store)
    return Run(results.record, {row.kernel: row for row in results.rows}, results.samples, results.counts)


def _build_info(kernel: KernelRecord, record: RunRecord) -> BuildInfo:
    built, toolchain = record.built.get(kernel.id), record.toolchains.get(kernel.id)
    return BuildInfo(
        built.seconds if built and built.commands else None,  # a script is not built
        built.artefact_bytes if built else None,
        toolchain.image_bytes if toolchain else None,
        lines_of_code(kernel.source_text, kernel.source),
    )
