"""One timed call, and the launch that it belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Problem:
    """C[rows x n] = A[rows x n] . B[n x n], float64, row-major."""

    n: int
    rows: int


@dataclass(frozen=True)
class Step:
    """What to launch next for a kernel: which rows of A, how often, and why.

    Purposes: "pilot" tells how long a row takes, "start" multiplies 1 x 1 matrices, "measure" is what the row's time
    is made of, "audit" is one call on rows that no other launch begins with, "threads" is like one that is measured,
    but the launcher counts its threads: harness.analysis.plausibility says what for.
    `row0` is the first row; rows go on from the first again after the last.
    """

    rows: int
    reps: int
    purpose: str
    row0: int = 0


@dataclass(frozen=True)
class SystemDelta:
    """What the machine did beside a launch: the harness reads it before and after, never during one.

    `core_ns` and `memory_ns` are the times of the calibration loops just before it; the others are sums over the
    launch: time that the host of a virtual machine took away, CPU time of other processes, huge pages that were
    handed out, and pages that came back from swap. All system-wide: one run at a time, so what is not the launch's
    is noise. CPU times are counted in ticks of 10 ms, so those of one short launch are off by one or two, either way.
    """

    core_ns: int = 0
    memory_ns: int = 0
    steal_ns: int = 0
    others_cpu_ns: int = 0
    huge_bytes: int = 0
    swapped_in: int = 0


@dataclass(frozen=True)
class Sample:
    """One timed repetition inside a verified launch; one line of samples.jsonl.

    `round` numbers the rounds of the run: launches of one round were near each other in time, whatever their kernel.
    `at_work` and `looks` are JobResult's, of a launch in which threads are counted.
    """

    kernel: str
    launch: int
    rep: int
    reps: int
    purpose: str
    n: int
    rows: int
    row0: int
    threads: int
    ns: int
    sha256: str
    started_at: str
    launch_wall_ns: int
    launch_cpu_ns: int
    peak_rss_bytes: int
    minor_faults: int
    major_faults: int
    involuntary_switches: int
    round: int = 0
    system: SystemDelta = field(default_factory=SystemDelta)
    at_work: int = 0
    looks: int = 0


def launches_in(samples: Iterable[Sample], purpose: str) -> dict[int, list[Sample]]:
    """Samples of a purpose by launch number, in order."""
    found: dict[int, list[Sample]] = {}
    for sample in samples:
        if sample.purpose == purpose:
            found.setdefault(sample.launch, []).append(sample)
    return found


def spent_ns(history: list[Sample]) -> int:
    """What a kernel's measuring launches took, from their start to their end."""
    return sum(samples[0].launch_wall_ns for samples in launches_in(history, "measure").values())
