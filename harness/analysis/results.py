"""Analyse a stored run: its rows, findings and sizes."""

from __future__ import annotations

from collections.abc import Mapping

from harness.analysis.compare import Run
from harness.analysis.estimate import estimate_time
from harness.analysis.factors import fastest_fma, product_of
from harness.analysis.intervals import interval
from harness.analysis.lines_of_code import lines_of_code
from harness.analysis.rows import gflops, rows_of, summary_of
from harness.analysis.run_findings import findings_of_run
from harness.model.result import AtSize, BuildInfo, Product, Quantity, Results, Row
from harness.model.run_record import KernelRecord, RunRecord
from harness.model.sample import Sample
from harness.store.run_folder import Store


def results_of(store: Store) -> Results:
    """Compute the rows and findings of a stored run. Raises UsageError."""
    record = store.record
    samples = {kernel.id: store.samples(kernel.id) for kernel in record.kernels}
    rows = rows_of(
        list(record.kernels),
        samples,
        record.failures,
        record.skips,
        {kernel.id: _build_info(kernel, record) for kernel in record.kernels},
        record.peak,
        record.config,
    )
    findings = findings_of_run(record, [sample for taken in samples.values() for sample in taken])
    return Results(record, rows, findings, store.folder, samples, _sizes(store, rows), _product(rows, samples, record))


def _product(rows: list[Row], samples: Mapping[str, list[Sample]], record: RunRecord) -> Product | None:
    """Return the speed-up of the fastest kernel as a product; None without a baseline or without that kernel."""
    fastest, config = fastest_fma(rows), record.config
    if fastest is None:
        return None
    needed = (row.kernel for row in rows if row.language == fastest.language or row.kernel == config.baseline)
    estimates = {name: estimate for name in needed if (estimate := summary_of(samples[name], config)) is not None}
    return product_of(estimates, rows, config.baseline, fastest, config.confidence)


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
            estimate = estimate_time(log.samples(row.kernel), n, config.resamples, config.seed)
            if estimate is not None:
                time = Quantity.of(estimate.value_ns, interval(estimate, config.confidence), 1e9)
                sizes.append(AtSize(row.kernel, n, time, gflops(estimate, n), estimate.estimated))
    own = [AtSize(row.kernel, row.n, row.time, row.rate.gflops, row.estimated) for row in rows if row.time and row.rate]
    return sorted([*sizes, *own], key=lambda size: size.n) if sizes else []


def run_of(store: Store) -> Run:
    """Return a stored run as a comparison needs it. Raises UsageError."""
    results = results_of(store)
    return Run(results.record, {row.kernel: row for row in results.rows}, results.samples)


def _build_info(kernel: KernelRecord, record: RunRecord) -> BuildInfo:
    built, toolchain = record.built.get(kernel.id), record.toolchains.get(kernel.id)
    return BuildInfo(
        built.seconds if built and built.commands else None,  # a script is not built
        built.artefact_bytes if built else None,
        toolchain.image_bytes if toolchain else None,
        lines_of_code(kernel.source_text, kernel.source),
    )
