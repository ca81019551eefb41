"""Define the results of a run: intervals, findings and rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from harness.model.counters import CpuCounts
from harness.model.energy import Energy


@dataclass(frozen=True)
class Finding:
    """A warning as data: what was observed, on which kernel (empty for the whole run), and what the user can do."""

    code: str
    kernel: str
    observation: str
    remedy: str


@dataclass(frozen=True)
class Interval:
    """A value with its confidence interval."""

    value: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half the interval's width relative to the value."""
        return (self.high - self.low) / 2 / self.value if self.value else 0.0


@dataclass(frozen=True)
class Quantity:
    """A value, and the ends of its confidence interval; None where a single launch gives no interval."""

    value: float
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, value: float, interval: Interval | None, divisor: float = 1.0) -> Quantity:
        """Return a value with the ends of its interval, all divided by `divisor`, such as 1e9 for ns to s."""
        if interval is None:
            return cls(value / divisor)
        return cls(value / divisor, interval.low / divisor, interval.high / divisor)

    @property
    def interval(self) -> Interval | None:
        """The interval; None where there is none."""
        return None if self.low is None or self.high is None else Interval(self.value, self.low, self.high)


class Status(StrEnum):
    """The outcome of a kernel in a run. UNMEASURED: it has no time, though it did not fail."""

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
class Rate:
    """The speed of a kernel: 10^9 floating-point operations per second of a product of 2 n^3.

    `peak_share` is relative to the peak of the units that the kernel computes with: the matrix engine for a kernel
    that makes products of bytes, the device for a kernel on a GPU. `fma_peak_multiple` is the rate of a kernel on the
    matrix engine relative to the peak of the vector units.
    """

    gflops: float
    peak_share: float | None = None
    fma_peak_multiple: float | None = None


@dataclass(frozen=True)
class Phases:
    """The parts of a launch that a row's time leaves out, in seconds.

    `start_s` is the time of a launch on 1 x 1 matrices, `io_s` the time of a launch beyond that and its calls,
    `first_call_s` the first call, `cpu_s` the processor time of a launch per call. `processors` is the mean number of
    processors at work.
    """

    start_s: float | None = None
    io_s: float | None = None
    first_call_s: float | None = None
    cpu_s: float | None = None
    processors: float | None = None


@dataclass(frozen=True)
class Memory:
    """The memory of a kernel's launches: the peak, and the fraction of it in huge pages."""

    peak_rss_bytes: int | None = None
    huge_page_fraction: float | None = None


@dataclass(frozen=True)
class OnDevice:
    """The device on which a kernel computed, as it names it, and its driver.

    `time_s` is the part of the row's time that the device spent on the product, by its own clock: without transfers.
    `peak_share` is the rate in that time, relative to the device's measured peak; None without either.
    """

    name: str
    driver: str = ""
    time_s: float | None = None
    peak_share: float | None = None


@dataclass(frozen=True)
class Variance:
    """How much a kernel's times differ: relative standard deviations between launches, and of calls within a launch.

    `outliers` is the number of calls far from the others.
    """

    between_launches: float | None = None
    within_launches: float | None = None
    outliers: int = 0
    steadiness: SteadyState | None = None


@dataclass(frozen=True)
class BuildInfo:
    """A kernel's build: its seconds (None for a script), the sizes of artefact and image, and the lines of code."""

    build_s: float | None = None
    artefact_bytes: int | None = None
    image_bytes: int | None = None
    lines: int | None = None


@dataclass(frozen=True)
class Row:
    """One kernel in the results: measured, failed or skipped; one line of results.csv.

    `time` is in seconds and of the steady state: without each launch's first call, where there is another. It is None
    exactly for a kernel that was not measured. `speedup` is relative to the baseline. `relative_to_c` is this time
    relative to that of the same rung in C: above 1 where C is faster. `int8_products` is the kernel's. `rounds` is the
    number of rounds whose times count, `samples` that of calls. `toolchain` is the name of its toolchain, if the
    language has several; `alternative` is the same for a toolchain that is not the language's default, else empty.
    `device` is None for a kernel that names none. `on_gpu` is the kernel's. `cpu` and `energy` are
    None where the machine counts neither.
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
    rounds: int = 0
    time: Quantity | None = None
    min_s: float | None = None
    rate: Rate | None = None
    speedup: Quantity | None = None
    relative_to_c: Quantity | None = None
    int8_products: int = 0
    rank: str = ""
    verified: bool = False
    variance: Variance = Variance()
    phases: Phases = Phases()
    memory: Memory = Memory()
    device: OnDevice | None = None
    on_gpu: bool = False
    build: BuildInfo = BuildInfo()
    findings: tuple[Finding, ...] = ()
    toolchain: str = ""
    alternative: str = ""
    cpu: CpuCounts | None = None
    energy: Energy | None = None

    @property
    def rung(self) -> str:
        """The rung of the ladder, without the variant's suffix: 'naive' for 'naive-paper'."""
        return self.variant.split("-", 1)[0]


def fastest_first(rows: Iterable[Row]) -> list[Row]:
    """Return the measured rows, fastest first."""
    return sorted((row for row in rows if row.time), key=lambda row: row.time.value if row.time else 0.0)


@dataclass(frozen=True)
class Factor:
    """A step of a speed-up: the kernels before and after it, and the time before divided by the time after.

    `estimated` is true if the time of either kernel is an estimate.
    """

    name: str
    before_kernel: str
    after_kernel: str
    ratio: Quantity
    estimated: bool = False


@dataclass(frozen=True)
class Product:
    """A speed-up as a product. `remainder` is the total divided by the product of the factors.

    `estimated` is true if the time of the first or of the last kernel is an estimate.
    """

    factors: tuple[Factor, ...]
    total: Quantity
    remainder: float
    estimated: bool = False


@dataclass(frozen=True)
class AtSize:
    """A kernel's time in seconds at one n of a run that has several."""

    kernel: str
    n: int
    time: Quantity
    gflops: float
    estimated: bool
