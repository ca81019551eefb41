"""What every format is made of: the times of each kernel that was measured, launch by launch. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from harness.analysis.estimate import after_warmup
from harness.model.result import Quantity, Results, Row, Status
from harness.model.sample import Purpose, Sample, launches_in


@dataclass(frozen=True)
class Launch:
    """The calls of one launch that count; `first_ns` is the call that was left out of them as a warm-up.

    `cpu_ns` is processor time, user and system together, for each call. It is known of whole launches only, so that
    it holds a share of what a launch does beside its products: start, load, write.
    """

    times_ns: tuple[float, ...]
    cpu_ns: float
    first_ns: int | None = None
    started_at: str = ""
    wall_ns: int | None = None
    peak_rss_bytes: int | None = None


@dataclass(frozen=True)
class Series:
    """One kernel's whole products, under the name that all formats give it.

    `estimate` says from how few rows the one value comes, where it is no measurement; the name tells it too, so that
    no reader compares an estimate with a measurement.
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
        """All values, in the order of the launches."""
        return [time for launch in self.launches for time in launch.times_ns]

    @property
    def cpu_ns(self) -> list[float]:
        """The processor time of each of `times_ns`; the calls of a launch have the same."""
        return [launch.cpu_ns for launch in self.launches for _ in launch.times_ns]


def series_of(results: Results, samples: dict[str, list[Sample]]) -> list[Series]:
    """A series for each kernel that was measured or estimated, in the order of the rows."""
    return [_series(row, results, samples[row.kernel]) for row in results.rows if row.status == Status.OK]


def name_of(row: Row) -> str:
    """`c/naive/4096`: other sizes are other benchmarks, which a tool that follows runs over time must not mix."""
    return f"{row.kernel}/{row.n}"


def ns_of(seconds: float) -> float:
    """Seconds as nanoseconds, without the digits that only their conversion makes."""
    return round(seconds * 1e9, 3)


def context_of(results: Results) -> dict[str, str | int]:
    """What all values of a run have in common: which run, of which harness, on what; what is not known is left out."""
    record = results.record
    known: dict[str, str | int] = {
        "run": record.id,
        "harness_version": record.harness_version,
        "backend": record.backend.name,
        "cpu": record.host.cpu,
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
        estimate = f"estimated from the first {row.rows} of {row.n} rows"
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
    """Every row was measured, in one launch after another: together they are one product."""
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
    """The estimate as the only value; its processor time is as large a share of it as of the launches it comes from."""
    cpu_ns = sum(launch[0].launch_cpu_ns for launch in launches)
    wall_ns = sum(launch[0].launch_wall_ns for launch in launches)
    assert row.time is not None
    time_ns = ns_of(row.time.value)
    return Launch((time_ns,), time_ns * cpu_ns / max(1, wall_ns), None, launches[0][0].started_at, wall_ns)
