"""A stored run -> its rows and findings, and from them results.csv and report.html."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.analyse import Made, rows_of
from harness.compare import Run
from harness.export.csv import write_csv, write_sizes
from harness.facts import config_of, kernel_of
from harness.files import write_atomic
from harness.findings import findings_of_run
from harness.model import Config, Failed, Finding, Row, Sample, UsageError
from harness.peak import Peak
from harness.report.text import headline, lines_of_code
from harness.stats import interval, summarise
from harness.store import Store


@dataclass(frozen=True)
class AtSize:
    """A kernel's time at one n of a run that has several."""

    kernel: str
    n: int
    median_s: float
    low_s: float | None
    high_s: float | None
    gflops: float
    estimated: bool


@dataclass(frozen=True)
class Results:
    """All that a report is made of."""

    facts: dict[str, Any]
    config: Config
    rows: list[Row]
    findings: tuple[Finding, ...]
    headline: str
    folder: Path
    samples: dict[str, list[Sample]]
    peak: Peak | None
    sizes: list[AtSize] = field(default_factory=list)

    @property
    def failed(self) -> list[Row]:
        """The rows of kernels that failed or were wrong."""
        return [row for row in self.rows if row.status == "failed"]


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
        headline(rows, config.baseline),
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
            estimate = summarise(inner.samples(row.kernel), n, config.resamples, config.seed)
            if estimate is not None:
                bounds = interval(estimate, config.confidence)
                ends = (bounds.low / 1e9, bounds.high / 1e9) if bounds else (None, None)
                rate = 2.0 * n**3 / estimate.value_ns
                found.append(AtSize(row.kernel, n, estimate.value_ns / 1e9, *ends, rate, estimate.estimated))
    own = [
        AtSize(row.kernel, row.n, row.median_s, row.low_s, row.high_s, row.gflops, row.estimated) for row in measured
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


def _made(item: dict[str, Any], facts: dict[str, Any]) -> Made:
    built, toolchain = facts["built"].get(item["id"], {}), facts["toolchains"].get(item["id"], {})
    return Made(
        built.get("seconds") if built.get("commands") else None,  # a script is not built
        built.get("artefact_bytes"),
        toolchain.get("image_bytes"),
        lines_of_code(item["source_text"], item["source"]),
    )


def write_results(folder: Path, results: Results) -> None:
    """Write results.csv and report.html, each in one step. Raises OSError."""
    from harness.report.render import render

    write_csv(folder / "results.csv", results.rows)
    if results.sizes:
        write_sizes(folder / "sizes.csv", results.sizes)
    write_atomic(folder / "report.html", render(results))
