"""The records that the stages hand on: frozen, plain, with units in their names."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

SERIAL_RUNGS = ("naive", "interchange")
"""Rungs that use one thread by definition; every other rung may use all (docs/rules.md)."""

RUNGS = (
    "naive",
    "interchange",
    "parallel",
    "divide",
    "vector",
    "intrinsics",
    "packed",
    "strassen",
    "engine",
    "library",
)
"""The ladder, in order: the same names in every language."""


class HarnessError(Exception):
    """Something that the user can put right; its text is the one sentence to show."""


class UsageError(HarnessError):
    """Bad usage or a bad file: exit status 2."""


@dataclass(frozen=True)
class Toolchain:
    """What a kernel needs to be built and run, and the command that proves that it is there.

    `apt` and `backports` are Debian package names; `a | b` means the first that exists.
    """

    language: str
    apt: tuple[str, ...]
    backports: tuple[str, ...]
    pip: tuple[str, ...]
    version_command: str


@dataclass(frozen=True)
class Kernel:
    """One rung of one language, as kernel.yaml declares it."""

    language: str
    language_name: str
    variant: str
    folder: Path
    source: str
    fetch: tuple[str, ...]
    build: tuple[str, ...]
    run: str
    flags: str
    toolchain: Toolchain
    threaded: bool
    requires: tuple[str, ...]
    kind: str

    @property
    def id(self) -> str:
        """`c/naive-O0`: how the kernel is called everywhere."""
        return f"{self.language}/{self.variant}"

    @property
    def rung(self) -> str:
        """The rung of the ladder, without the variant's suffix."""
        return self.variant.split("-", 1)[0]

    def threads_of(self, threads: int) -> int:
        """How many threads this kernel is given when the run allows `threads`."""
        return threads if self.threaded else 1

    def class_of(self, threads: int) -> str:
        """The class whose rows may be compared with this one: the rung, what kind of code it is, and threads."""
        given = self.threads_of(threads)
        rung = self.rung if self.kind == self.rung else f"{self.rung} ({self.kind})"
        return f"{rung}, {given} thread{'s' if given > 1 else ''}"


@dataclass(frozen=True)
class Limits:
    """What a kernel may use, in a container and outside one."""

    memory_bytes: int
    processes: int
    timeout_s: float
    build_timeout_s: float


@dataclass(frozen=True)
class Config:
    """config.yaml and the command line, validated: everything that decides what a run does."""

    file: Path
    n: int
    threads: int
    seed: int
    backend: str
    budget_s: float
    full: bool
    target: float
    rounds: int
    min_rounds: int
    baseline: str
    only: tuple[str, ...]
    check_sizes: tuple[int, ...]
    resamples: int
    confidence: float
    limits: Limits
    kernels_dir: Path
    reports_dir: Path
    build_dir: Path


@dataclass(frozen=True)
class Provided:
    """A toolchain that answered: its version, and the image that it lives in, if any."""

    version: str
    image: str | None = None
    image_id: str | None = None
    image_bytes: int | None = None


@dataclass(frozen=True)
class Absent:
    """Something that a kernel needs and that is not here: why, and the command that would provide it."""

    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.reason} (to provide it: {self.remedy})" if self.remedy else self.reason


@dataclass(frozen=True)
class Built:
    """A kernel's artefact: where it is, what it is, and how it was made."""

    path: Path
    digest: str
    artefact_bytes: int
    seconds: float
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Failed:
    """A kernel that did not make it, at which stage, and why, in one sentence."""

    stage: str
    reason: str
    log: str = ""


@dataclass(frozen=True)
class Folders:
    """The places that a process may see; the executor says under which names."""

    source: Path
    artefact: Path
    data: Path
    work: Path


@dataclass(frozen=True)
class Job:
    """One process for the launcher; `stdout` and `stderr` are files in the work folder."""

    argv: tuple[str, ...]
    cwd: str
    stdout: str
    stderr: str
    timeout_s: float
    file_limit_bytes: int


@dataclass(frozen=True)
class JobResult:
    """How one process ended and what it used, by the launcher's own clock and wait4(2)."""

    exit_status: int
    signal: int
    timed_out: bool
    wall_ns: int
    user_ns: int
    system_ns: int
    peak_rss_bytes: int
    minor_faults: int
    major_faults: int
    voluntary_switches: int
    involuntary_switches: int

    @property
    def ok(self) -> bool:
        """Whether it exited with status 0 within its time."""
        return self.exit_status == 0 and self.signal == 0 and not self.timed_out

    def describe(self) -> str:
        """The way it ended, in words."""
        if self.timed_out:
            return "was stopped when its time limit ran out"
        if self.signal:
            from signal import Signals

            try:
                name = Signals(self.signal).name
            except ValueError:
                name = f"signal {self.signal}"
            return f"was killed by {name}"
        return f"exited with status {self.exit_status}"


@dataclass(frozen=True)
class Problem:
    """C[rows x n] = A[rows x n] . B[n x n], float64, row-major."""

    n: int
    rows: int


@dataclass(frozen=True)
class Step:
    """What to launch next for a kernel: how many rows from which on, how often, and why (pilot, measure)."""

    rows: int
    reps: int
    purpose: str
    row0: int = 0


@dataclass(frozen=True)
class Sample:
    """One timed repetition inside a verified launch; one line of samples.jsonl."""

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


@dataclass(frozen=True)
class Row:
    """One kernel in the results: measured, failed or skipped; one line of results.csv."""

    kernel: str
    language: str
    language_name: str
    rung: str
    kind: str
    status: str
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
    speedup: float | None = None
    speedup_low: float | None = None
    speedup_high: float | None = None
    verified: bool = False
    peak_rss_bytes: int | None = None
    artefact_bytes: int | None = None
    findings: tuple[Finding, ...] = field(default=())
