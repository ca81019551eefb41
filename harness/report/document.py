"""Define the document of a run for programs: its answer, its rows and its findings. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.model.answer import Precision
from harness.model.config import Backend
from harness.model.counts import RunCounts
from harness.model.machine import HostInfo
from harness.model.result import Finding, Quantity, Row
from harness.model.results import Results
from harness.report.headline import headline
from harness.report.summary import summary
from harness.util.chip import chip_name


@dataclass(frozen=True)
class AnswerDocument:
    """The answer of a run, kernels by their ids: as harness.model.answer.Answer."""

    baseline: str | None
    fastest: str | None
    speedup: Quantity | None
    equals: tuple[str, ...]
    precision: Precision | None
    why_not: str


@dataclass(frozen=True)
class RunDocument:
    """A run for programs. `sentences` are those that the terminal shows, `headline` is the first of them.

    `finished_at` is None for a run that was interrupted.
    """

    run: str
    folder: Path
    page: Path
    started_at: str
    finished_at: str | None
    chip: str
    machine: HostInfo
    backend: Backend
    n: int
    threads: int
    headline: str
    sentences: tuple[str, ...]
    answer: AnswerDocument
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    counts: RunCounts


def run_document(results: Results) -> RunDocument:
    """Return a run's document."""
    record, answer = results.record, results.answer
    return RunDocument(
        run=record.id,
        folder=results.folder,
        page=results.folder / "report.html",
        started_at=record.started_at,
        finished_at=record.finished_at,
        chip=chip_name(record.host),
        machine=record.host,
        backend=record.backend.name,
        n=results.config.n,
        threads=results.config.threads,
        headline=headline(results),
        sentences=tuple(summary(results)),
        answer=AnswerDocument(
            baseline=answer.baseline.kernel if answer.baseline else None,
            fastest=answer.fastest.kernel if answer.fastest else None,
            speedup=answer.speedup,
            equals=tuple(row.kernel for row in answer.equals),
            precision=answer.precision,
            why_not=answer.why_not,
        ),
        rows=tuple(results.rows),
        findings=results.findings,
        counts=results.counts,
    )
