"""What a run's samples add up to: intervals, findings, rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from harness.model.config import Config
from harness.model.machine import Peak
from harness.model.run_record import RunRecord
from harness.model.sample import Sample


@dataclass(frozen=True)
class Finding:
    """A warning as data: what was seen, on which kernel, and what the user can do about it."""

    code: str
    kernel: str
    seen: str
    advice: str


@dataclass(frozen=True)
class Interval:
    """A value with its confidence interval."""

    value: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half the interval's width as a share of the value."""
        return (self.high - self.low) / 2 / self.value if self.value else 0.0


class Status(StrEnum):
    """What became of a kernel in a run. UNMEASURED: the run ended before it was measured."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNMEASURED = "unmeasured"


class SteadyState(StrEnum):
    """Whether the calls of a kernel still changed within a launch; TOO_FEW: there are not enough calls for the test."""

    STEADY = "steady"
    NOT_STEADY = "not steady"
    TOO_FEW = "too few"


@dataclass(frozen=True)
class Row:
    """One kernel in the results: measured, failed or skipped; one line of results.csv.

    `relative_to_c` is this time relative to that of the same rung in C: above 1 where C is faster. `peak_share` is of
    the units that the kernel computes with: of the matrix engine for a kernel that makes `int8_products` products of
    bytes; `fma_peak_multiple` is then its rate relative to the peak of the vector units.
    `median_s` is the steady state: without each launch's first call, where there is another. `between_launches` and
    `within_launches` are relative standard deviations, the two levels of variance. `start_s` is the time of a launch
    with matrices of 1 x 1, `io_s` what a launch takes beyond that and its products, `first_call_s` the first call,
    `cpu_s` the processor time of a launch for each of its calls, `processors` how many of them were at work.
    """

    kernel: str
    language: str
    language_name: str
    variant: str
    category: str
    status: Status
    reason: str
    n: int
    rows: int
    threads: int
    estimated: bool
    samples: int
    median_s: float | None = None
    low_s: float | None = None
    high_s: float | None = None
    min_s: float | None = None
    gflops: float | None = None
    peak_share: float | None = None
    int8_products: int = 0
    fma_peak_multiple: float | None = None
    speedup: float | None = None
    speedup_low: float | None = None
    speedup_high: float | None = None
    relative_to_c: float | None = None
    relative_to_c_low: float | None = None
    relative_to_c_high: float | None = None
    steadiness: SteadyState | None = None
    between_launches: float | None = None
    within_launches: float | None = None
    outliers: int = 0
    rank: str = ""
    verified: bool = False
    build_s: float | None = None
    start_s: float | None = None
    io_s: float | None = None
    first_call_s: float | None = None
    cpu_s: float | None = None
    processors: float | None = None
    peak_rss_bytes: int | None = None
    huge_page_fraction: float | None = None
    artefact_bytes: int | None = None
    image_bytes: int | None = None
    lines: int | None = None
    findings: tuple[Finding, ...] = field(default=())

    @property
    def rung(self) -> str:
        """The rung of the ladder, without the variant's suffix: 'naive' for 'naive-O0'."""
        return self.variant.split("-", 1)[0]


@dataclass(frozen=True)
class BuildInfo:
    """What is known of a kernel beside its launches."""

    build_s: float | None = None
    artefact_bytes: int | None = None
    image_bytes: int | None = None
    lines: int | None = None


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

    record: RunRecord
    rows: list[Row]
    findings: tuple[Finding, ...]
    folder: Path
    samples: dict[str, list[Sample]]
    sizes: list[AtSize] = field(default_factory=list)

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
        """The rows of kernels that failed or were wrong."""
        return [row for row in self.rows if row.status == Status.FAILED]
