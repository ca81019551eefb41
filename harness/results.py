"""A stored run -> its rows and findings, and from them results.csv and report.html."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.analyse import Made, rows_of
from harness.compare import Run
from harness.export.csv import write_csv
from harness.facts import config_of, kernel_of
from harness.files import write_atomic
from harness.findings import findings_of_run
from harness.model import Config, Failed, Finding, Row, UsageError
from harness.peak import Peak
from harness.report.text import headline, lines_of_code
from harness.store import Store


@dataclass(frozen=True)
class Results:
    """All that a report is made of."""

    facts: dict[str, Any]
    config: Config
    rows: list[Row]
    findings: tuple[Finding, ...]
    headline: str
    folder: Path

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
        peak = facts["peak"]
        rows = rows_of(
            kernels,
            {kernel.id: store.samples(kernel.id) for kernel in kernels},
            {kernel: Failed(**failed) for kernel, failed in facts["failures"].items()},
            facts["skips"],
            {item["id"]: _made(item, facts) for item in facts["kernels"]},
            Peak(peak["isa"], {int(t): g for t, g in peak["gflops"].items()}) if peak else None,
            config,
        )
        samples = [sample for kernel in kernels for sample in store.samples(kernel.id)]
        findings = findings_of_run(facts, samples)
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{store.folder / 'run.json'}: not of this format: {error!r}") from None
    return Results(facts, config, rows, findings, headline(rows, config.baseline), store.folder)


def run_of(store: Store) -> Run:
    """A stored run as a comparison needs it. Raises UsageError."""
    results = results_of(store)
    rows = {row.kernel: row for row in results.rows}
    return Run(results.facts, results.config, rows, {kernel: store.samples(kernel) for kernel in rows})


def _made(item: dict[str, Any], facts: dict[str, Any]) -> Made:
    built, toolchain = facts["built"].get(item["id"], {}), facts["toolchains"].get(item["id"], {})
    return Made(
        built.get("seconds") if built.get("commands") else None,  # a script is not built
        built.get("artefact_bytes"),
        toolchain.get("image_bytes"),
        lines_of_code(item["source_text"]),
    )


def write_results(folder: Path, results: Results) -> None:
    """Write results.csv and report.html, each in one step. Raises OSError."""
    from harness.report.render import render

    write_csv(folder / "results.csv", results.rows)
    write_atomic(folder / "report.html", render(results))
