"""Collect the times of each measured kernel, launch by launch, for all export formats. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from harness.analysis.estimate import after_warmup
from harness.model.result import Quantity, Row, Status
from harness.model.results import Results
from harness.model.sample import Purpose, Sample, launches_in
from harness.util.chip import chip_name


@dataclass(frozen=True)
class Launch:
    """The calls of one launch after its warm-up; `first_ns` is the time of the warm-up call.

    `cpu_ns` is the processor time of the launch, user and system, divided by its calls. It includes start, loading and
    writing, because only the processor time of the whole launch is measured.
    """

    times_ns: tuple[float, ...]
    cpu_ns: float
    first_ns: int | None = None
    started_at: str = ""
    wall_ns: int | None = None
    peak_rss_bytes: int | None = None


@dataclass(frozen=True)
class Series:
    """The times of one kernel's whole products, under the name that it has in all formats.

    For an estimate, `estimate` is a sentence with the number of measured rows, and the name ends in "(estimated)", so
    that no tool compares an estimate with a measurement.
    """

    row: Row
    name: str
    toolchain: str
    launches: tuple[Launch, ...]
    estimate: str = ""

    @property
    def time(self) -> Quantity:
        """The row's time, in seconds."""
        assert self.row.time is not None
        return self.row.time

    @property
    def times_ns(self) -> list[float]:
        """All times, in the order of the launches."""
        return [time for launch in self.launches for time in launch.times_ns]

    @property
    def cpu_ns(self) -> list[float]:
        """The processor time of each of `times_ns`; all calls of a launch have the same."""
        return [launch.cpu_ns for launch in self.launches for _ in launch.times_ns]


def series_of(results: Results, samples: dict[str, list[Sample]]) -> list[Series]:
    """Return a series for each kernel that was measured or estimated, in the order of the rows."""
    return [_series(row, results, samples[row.kernel]) for row in results.rows if row.status == Status.OK]


def name_of(row: Row) -> str:
    """Return a name such as `c/naive/4096`. Each n is a benchmark of its own, which trackers must not mix."""
    return f"{row.kernel}/{row.n}"


def ns_of(seconds: float) -> float:
    """Convert seconds to nanoseconds, rounded to 0.001 ns to remove the conversion's rounding error."""
    return round(seconds * 1e9, 3)


def context_of(results: Results) -> dict[str, str | int]:
    """Return the run's id, version, backend, CPU, n and threads, without those that are unknown.

    `cpu` is the name that the system gives, as the formats' own keys have it; `chip` tells CPUs of one name apart.
    """
    record = results.record
    known: dict[str, str | int] = {
        "run": record.id,
        "harness_version": record.harness_version,
        "backend": record.backend.name,
        "cpu": record.host.cpu,
        "chip": chip_name(record.host),
        "n": results.config.n,
        "threads": results.config.threads,
    }
    return {key: value for key, value in known.items() if value}


def _series(row: Row, results: Results, samples: list[Sample]) -> Series:
    provided = results.record.toolchains.get(row.kernel)
    # most formats have no room for a version of several lines
    toolchain = " ".join(provided.version.split()) if provided else ""
    launches = list(launches_in(samples, Purpose.MEASURE).values())
    if row.estimated:
        estimate = f"estimated from {row.rows} of {row.n} rows"
        return Series(row, f"{name_of(row)} (estimated)", toolchain, (_estimated(row, launches),), estimate)
    whole = [_whole(launch) for launch in launches if launch[0].rows == row.n]
    return Series(row, name_of(row), toolchain, tuple(whole) or (_blocks(launches),))


def _whole(samples: list[Sample]) -> Launch:
    first = min(samples, key=lambda sample: sample.rep)
    return Launch(
        tuple(after_warmup(samples)),
        first.launch_cpu_ns / len(samples),
        first.ns if len(samples) > 1 else None,
        first.started_at,
        first.launch_wall_ns,
        first.peak_rss_bytes,
    )


def _blocks(launches: list[list[Sample]]) -> Launch:
    """Add up the launches of all blocks of rows: together they are one product."""
    samples = [launch[0] for launch in launches]
    return Launch(
        (float(sum(sample.ns for sample in samples)),),
        float(sum(sample.launch_cpu_ns for sample in samples)),
        None,
        samples[0].started_at,
        sum(sample.launch_wall_ns for sample in samples),
        max(sample.peak_rss_bytes for sample in samples),
    )


def _estimated(row: Row, launches: list[list[Sample]]) -> Launch:
    """Return the estimate as the only time, with the ratio of processor time to wall time of its launches."""
    cpu_ns = sum(launch[0].launch_cpu_ns for launch in launches)
    wall_ns = sum(launch[0].launch_wall_ns for launch in launches)
    assert row.time is not None
    time_ns = ns_of(row.time.value)
    return Launch((time_ns,), time_ns * cpu_ns / max(1, wall_ns), None, launches[0][0].started_at, wall_ns)
