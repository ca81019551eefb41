"""Define the results of a run: everything that a report is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from harness.model.answer import Answer
from harness.model.config import Config
from harness.model.counts import RunCounts
from harness.model.inner_loop import RunLoops
from harness.model.machine import Peak
from harness.model.result import AtSize, Finding, Product, Row, Status
from harness.model.run_record import RunRecord
from harness.model.sample import Sample


@dataclass(frozen=True)
class Results:
    """Everything that a report is made of."""

    record: RunRecord
    rows: list[Row]
    findings: tuple[Finding, ...]
    folder: Path
    samples: dict[str, list[Sample]]
    sizes: list[AtSize] = field(default_factory=list)
    answer: Answer = field(default_factory=Answer)
    product: Product | None = None
    loops: RunLoops = field(default_factory=RunLoops)
    counts: RunCounts = field(default_factory=RunCounts)

    @property
    def config(self) -> Config:
        """The configuration of the run."""
        return self.record.config

    @property
    def peak(self) -> Peak | None:
        """The measured peak; None if it could not be measured."""
        return self.record.peak

    @property
    def failed(self) -> list[Row]:
        """The rows of kernels that failed."""
        return [row for row in self.rows if row.status == Status.FAILED]
