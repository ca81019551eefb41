"""Define a sample: one timed call, and its launch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from annotated_types import Ge

from harness.model.counters import CounterReading

Count = Annotated[int, Ge(0)]
"""A whole number from 0."""

UNKNOWN_KEYS = {"extra": "forbid"}
"""What pydantic reads from a record: a file with a key that it does not declare is not of this format."""

Positive = Annotated[int, Ge(1)]
"""A whole number from 1."""


@dataclass(frozen=True)
class Problem:
    """C[rows x n] = A[rows x n] . B[n x n], float64, row-major."""

    n: int
    rows: int


class Purpose(StrEnum):
    """Why a launch is made.

    PILOT measures how long a row takes, START how long the program takes to start (on 1 x 1 matrices), MEASURE
    gives the samples of the kernel's time. AUDIT is one call on rows that no other launch begins with. THREADS is
    like MEASURE, but the launcher counts the threads at work. FULL_MANTISSA is a call on values of 53 bits.
    harness.analysis.plausibility compares the last three with what the kernel reports.
    """

    PILOT = "pilot"
    START = "start"
    MEASURE = "measure"
    AUDIT = "audit"
    THREADS = "threads"
    FULL_MANTISSA = "full-mantissa"


@dataclass(frozen=True)
class Step:
    """The next launch of a kernel: how many rows of A, how many calls, and for which purpose.

    `row0` is the first row; after the last row of A follows its first.
    """

    rows: int
    reps: int
    purpose: Purpose
    row0: int = 0


@dataclass(frozen=True)
class SystemDelta:
    """The activity of the whole machine around a launch, read before and after it, never during it.

    `core_ns` and `memory_ns` are the times of the calibration loops just before the launch. The others are
    differences over the launch: processor time that the host of a virtual machine took away, CPU time of other
    processes, bytes handed out in huge pages, and pages read back from swap. They are system-wide. One run
    at a time uses the machine, so that all but the launch's own part is noise. CPU times
    are counted in ticks of 10 ms: those of one short launch are wrong by one or two ticks, either way. `package_uj`,
    `dram_uj` and `gpu_uj` are the microjoules of the processors, of the memory and of all GPUs; None where they cannot
    be read.
    """

    __pydantic_config__ = UNKNOWN_KEYS

    core_ns: int = 0
    memory_ns: int = 0
    steal_ns: int = 0
    others_cpu_ns: int = 0
    huge_bytes: int = 0
    swapped_in: int = 0
    package_uj: Count | None = None
    dram_uj: Count | None = None
    gpu_uj: Count | None = None


@dataclass(frozen=True)
class Sample:
    """One timed call of a verified launch; one line of samples.jsonl.

    `round` is the number of the round: launches of one round are close in time. `at_work` and `looks` are those of
    JobResult, for a launch in which threads are counted. `device`, `driver` and `device_ns` are what a kernel on a
    device tells of it; 0 and empty for others. `counters` are those of the whole launch.
    """

    __pydantic_config__ = UNKNOWN_KEYS

    kernel: str
    launch: Count
    rep: Count
    reps: Positive
    purpose: Purpose
    n: Positive
    rows: Positive
    row0: Count
    threads: Positive
    ns: Positive
    sha256: str
    started_at: str
    launch_wall_ns: Count
    launch_cpu_ns: Count
    peak_rss_bytes: Count
    minor_faults: Count
    major_faults: Count
    involuntary_switches: Count
    round: Count = 0
    system: SystemDelta = field(default_factory=SystemDelta)
    at_work: Count = 0
    looks: Count = 0
    device: str = ""
    driver: str = ""
    device_ns: Count = 0
    counters: tuple[CounterReading, ...] = ()


def launches_in(samples: Iterable[Sample], purpose: Purpose) -> dict[int, list[Sample]]:
    """Group the samples of a purpose by launch number, in order."""
    launches: dict[int, list[Sample]] = {}
    for sample in samples:
        if sample.purpose == purpose:
            launches.setdefault(sample.launch, []).append(sample)
    return launches
