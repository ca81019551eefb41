"""Analyse a stored run: its rows, findings and sizes."""

from __future__ import annotations

from typing import Any

from harness.analysis.compare import Run
from harness.analysis.estimate import estimate_time
from harness.analysis.findings import findings_of_run
from harness.analysis.intervals import interval
from harness.analysis.lines_of_code import lines_of_code
from harness.analysis.rows import rows_of
from harness.model.config import Config
from harness.model.errors import UsageError
from harness.model.job import Failed
from harness.model.machine import Peak
from harness.model.result import AtSize, BuildInfo, Results, Row
from harness.store.record import config_of, kernel_of
from harness.store.run_folder import Store


def results_of(store: Store) -> Results:
    """Analyse a run as it is stored. Raises UsageError if run.json is not of this format."""
    facts = store.facts
    try:
        config = config_of(facts["config"])
        kernels = [kernel_of(item) for item in facts["kernels"]]
        peak = _peak(facts["peak"]) if facts["peak"] else None
        samples = {kernel.id: store.samples(kernel.id) for kernel in kernels}
        rows = rows_of(
            kernels,
            samples,
            {kernel: Failed(**failed) for kernel, failed in facts["failures"].items()},
            facts["skips"],
            {item["id"]: _made(item, facts) for item in facts["kernels"]},
            peak,
            config,
        )
        findings = findings_of_run(facts, [sample for taken in samples.values() for sample in taken])
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{store.folder / 'run.json'}: not of this format: {error!r}") from None
    return Results(
        facts,
        config,
        rows,
        findings,
        store.folder,
        samples,
        peak,
        _sizes(store, config, rows),
    )


def _sizes(store: Store, config: Config, rows: list[Row]) -> list[AtSize]:
    """The times at every n, smallest first, of kernels that have one at the run's own; empty if it has no other."""
    found = []
    measured = [row for row in rows if row.median_s is not None]
    for n in sorted(int(path.parent.name) for path in store.folder.glob("sizes/*/run.json")):
        inner = Store.open(store.folder / "sizes" / str(n))
        for row in measured:
            estimate = estimate_time(inner.samples(row.kernel), n, config.resamples, config.seed)
            if estimate is not None:
                bounds = interval(estimate, config.confidence)
                low_s, high_s = (bounds.low / 1e9, bounds.high / 1e9) if bounds else (None, None)
                rate = 2.0 * n**3 / estimate.value_ns
                found.append(AtSize(row.kernel, n, estimate.value_ns / 1e9, low_s, high_s, rate, estimate.estimated))
    own = [
        AtSize(row.kernel, row.n, row.median_s, row.low_s, row.high_s, row.gflops, row.estimated)
        for row in measured
        if row.median_s is not None and row.gflops is not None
    ]
    return sorted([*found, *own], key=lambda one: one.n) if found else []


def _peak(facts: dict[str, Any]) -> Peak:
    rates = (facts["gflops"], facts.get("memory_gbs", {}), facts.get("engine_gops", {}))
    return Peak(facts["isa"], *({int(threads): rate for threads, rate in one.items()} for one in rates))


def run_of(store: Store) -> Run:
    """A stored run as a comparison needs it. Raises UsageError."""
    results = results_of(store)
    rows = {row.kernel: row for row in results.rows}
    return Run(results.facts, results.config, rows, results.samples)


def _made(item: dict[str, Any], facts: dict[str, Any]) -> BuildInfo:
    built, toolchain = facts["built"].get(item["id"], {}), facts["toolchains"].get(item["id"], {})
    return BuildInfo(
        built.get("seconds") if built.get("commands") else None,  # a script is not built
        built.get("artefact_bytes"),
        toolchain.get("image_bytes"),
        lines_of_code(item["source_text"], item["source"]),
    )
