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

REFERENCE = "c"
"""The language whose rung every other language's is held against."""


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
class Minimal:
    """How all that a kernel needs becomes the root of an image that holds nothing else, and what starts it there."""

    build: tuple[str, ...]
    run: str


@dataclass(frozen=True)
class Kernel:
    """One rung of one language, as kernel.yaml declares it.

    `products` is how many products of bytes on the CPU's matrix engine it makes of one product of doubles; 0 for a
    kernel that multiplies doubles.
    """

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
    minimal: Minimal | None = None
    products: int = 0

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
class Sizes:
    """Other n at which every kernel is measured after the run's own, each with a budget and rounds of its own."""

    n: tuple[int, ...]
    budget_s: float
    rounds: int


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
    sizes: Sizes
    resamples: int
    confidence: float
    limits: Limits
    pages: str
    kernels_dir: Path
    more_kernels: tuple[Path, ...]
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
    """One process for the launcher; `stdout` and `stderr` are files in the work folder.

    With `count`, the launcher looks at the process's threads while it runs, which one that is timed must be spared.
    """

    argv: tuple[str, ...]
    cwd: str
    stdout: str
    stderr: str
    timeout_s: float
    file_limit_bytes: int
    count: bool = False


@dataclass(frozen=True)
class JobResult:
    """How one process ended and what it used, by the launcher's own clock and wait4(2).

    `at_work` is how many of its threads, and of its children's, were at work or waited for a processor, by the median
    of the `looks` in the second half of its time; of a job with `count` only.
    """

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
    crowded: bool = False
    at_work: int = 0
    looks: int = 0

    @property
    def ok(self) -> bool:
        """Whether it exited with status 0 within its time."""
        return self.exit_status == 0 and self.signal == 0 and not self.timed_out and not self.crowded

    def describe(self) -> str:
        """The way it ended, in words."""
        if self.timed_out:
            return "was stopped when its time limit ran out"
        if self.crowded:
            return "was stopped, having started more processes and threads than limits.processes"
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
    """What to launch next for a kernel: which rows of A, how often, and why.

    Purposes: "pilot" tells how long a row takes, "start" multiplies 1 x 1 matrices, "measure" is what the row's time
    is made of, "audit" is one call on rows that no other launch begins with, "threads" is like one that is measured,
    but the launcher counts its threads: harness.claims says what for.
    `row0` is the first row; rows go on from the first again after the last.
    """

    rows: int
    reps: int
    purpose: str
    row0: int = 0


@dataclass(frozen=True)
class Watch:
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

    `turn` numbers the rounds of the run: launches of one turn were near each other in time, whatever their kernel.
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
    turn: int = 0
    watch: Watch = field(default_factory=Watch)
    at_work: int = 0
    looks: int = 0


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
    """One kernel in the results: measured, failed or skipped; one line of results.csv.

    `by_c` is this time by that of the same rung in C, above 1 where C is faster. `peak_share` is of the units that
    the kernel computes with: for one that makes `products` products of bytes, of the matrix engine; `fma_times` is then
    its rate by the peak of the vector units, which no kernel of theirs gets above 1.
    `median_s` is the steady state: without each launch's first call, where there is another. `between_launches` and
    `within_launches` are relative standard deviations, the two levels of variance. `start_s` is a launch with
    matrices of 1 x 1, `load_s` what a launch takes beyond that and its products, `first_s` the first call,
    `cpu_s` the processor time of a launch for each of its calls, `processors` how many of them were at work.
    """

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
    products: int = 0
    fma_times: float | None = None
    speedup: float | None = None
    speedup_low: float | None = None
    speedup_high: float | None = None
    by_c: float | None = None
    by_c_low: float | None = None
    by_c_high: float | None = None
    steadiness: str = ""
    between_launches: float | None = None
    within_launches: float | None = None
    outliers: int = 0
    rank: str = ""
    verified: bool = False
    build_s: float | None = None
    start_s: float | None = None
    load_s: float | None = None
    first_s: float | None = None
    cpu_s: float | None = None
    processors: float | None = None
    peak_rss_bytes: int | None = None
    huge_share: float | None = None
    artefact_bytes: int | None = None
    image_bytes: int | None = None
    lines: int | None = None
    findings: tuple[Finding, ...] = field(default=())

    @property
    def base_rung(self) -> str:
        """The rung of the ladder, without the variant's suffix: 'naive' for 'naive-O0'."""
        return self.rung.split("-", 1)[0]
