"""Define the outcomes of preparing a kernel, and the processes that are started for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from harness.model.counters import CounterEvent, CounterReading
from harness.model.kernel import Kernel
from harness.model.sample import Step


@dataclass(frozen=True)
class Provided:
    """A toolchain that is ready: its version, and its container image, if any."""

    version: str
    image: str | None = None
    image_id: str | None = None
    image_bytes: int | None = None


@dataclass(frozen=True)
class Absent:
    """A requirement that is missing: the reason, and the command that provides it."""

    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.reason} (to provide it: {self.remedy})" if self.remedy else self.reason


@dataclass(frozen=True)
class Built:
    """A kernel's artefact: its place, digest and size, and the commands and seconds of its build."""

    path: Path
    digest: str
    artefact_bytes: int
    seconds: float
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Passed:
    """A kernel that passed all checks: the number of launches, and its error relative to the bound of a sequential sum.

    `step_ns` is the time of one multiply-add in the largest launch: a first guess for the schedule, not a result.
    """

    launches: int
    error_share: float
    step_ns: float


class Stage(StrEnum):
    """A stage in which a kernel can fail."""

    BUILD = "build"
    CHECK = "check"
    MEASURE = "measure"
    PLAUSIBILITY = "plausibility"


SKIP_STATUS = 77
"""Exit status of a kernel that cannot run on this machine, for example without a device; the last line on standard
error is the reason. Automake's test drivers use the same number."""


class FailureCode(StrEnum):
    """The kind of a failure; harness.prepare.remedies has a remedy for each, or the reason for none."""

    NO_SOURCE = "no-source"
    BUILD_FAILED = "build-failed"
    NO_ARTEFACT = "no-artefact"
    NOT_RUN = "not-run"
    PROGRAM_NOT_FOUND = "program-not-found"
    EXIT_STATUS = "exit-status"
    CANNOT_RUN_HERE = "cannot-run-here"
    KILLED = "killed"
    TIME_LIMIT = "time-limit"
    TOO_MANY_PROCESSES = "too-many-processes"
    WRONG_LINE_COUNT = "wrong-line-count"
    INVALID_TIME = "invalid-time"
    CLOCK_BEYOND_LAUNCH = "clock-beyond-launch"
    NO_OUTPUT = "no-output"
    WRONG_OUTPUT_SIZE = "wrong-output-size"
    UNREADABLE_OUTPUT = "unreadable-output"
    WRONG_PRODUCT_OF_ONE = "wrong-product-of-one"
    WRONG_VALUES = "wrong-values"
    INACCURATE = "inaccurate"
    FLUSHED_SUBNORMALS = "flushed-subnormals"
    CHANGED_INPUTS = "changed-inputs"
    LEFT_FILES = "left-files"
    # the checks of harness.analysis.plausibility, by the names that the report shows
    CLOCK = "clock"
    THREADS = "threads"
    SKIPPED_REPETITIONS = "skipped-repetitions"
    UNTIMED_WORK = "untimed-work"
    MEMOISED_RESULT = "memoised-result"
    DATA_DEPENDENT = "data-dependent"
    ABOVE_PEAK = "above-peak"
    DEVICE_CLOCK = "device-clock"
    UNRECORDED = "unrecorded"


@dataclass(frozen=True)
class Fault:
    """A mistake of a launch or of its output: its code, and the reason in one sentence."""

    code: FailureCode
    reason: str


@dataclass(frozen=True)
class Failed:
    """A kernel that failed: the stage, the reason in one sentence, the kernel's own output, and the code.

    Only failures stored by an earlier version have the code UNRECORDED.
    """

    stage: Stage
    reason: str
    log: str = ""
    code: FailureCode = FailureCode.UNRECORDED


@dataclass(frozen=True)
class Folders:
    """The folders that a process sees; Executor.view returns the names under which it sees them."""

    source: Path
    artefact: Path
    data: Path
    work: Path
    uses: Path | None = None


@dataclass(frozen=True)
class Job:
    """One process for the launcher; `stdout` and `stderr` are files in the work folder, `stdin` is one that exists.

    With `count`, the launcher counts the threads at work while the process runs. A process whose time counts must not
    be disturbed so. `counters` are events that the CPU counts meanwhile, which disturbs nothing.
    """

    argv: tuple[str, ...]
    cwd: str
    stdout: str
    stderr: str
    timeout_s: float
    file_limit_bytes: int
    count: bool = False
    stdin: str = "/dev/null"
    counters: tuple[CounterEvent, ...] = ()


@dataclass(frozen=True)
class JobResult:
    """The end of one process and its use of resources, by the launcher's clock and wait4(2).

    `user_ns` and `system_ns` include the processes that it waited for and those that it left behind.

    For a job with `count`, `at_work` is the number of threads of the process and its descendants that ran or waited for
    a processor in at least a quarter of `looks` counts in the second half of its time. `counters` are the readings of
    the job's events that could be counted.
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
    counters: tuple[CounterReading, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the process exited with status 0 within its limits."""
        return self.exit_status == 0 and self.signal == 0 and not self.timed_out and not self.crowded

    @property
    def code(self) -> FailureCode:
        """The code of a process that is not ok."""
        if self.timed_out:
            return FailureCode.TIME_LIMIT
        if self.crowded:
            return FailureCode.TOO_MANY_PROCESSES
        if self.signal:
            return FailureCode.KILLED
        if self.exit_status == SKIP_STATUS:
            return FailureCode.CANNOT_RUN_HERE
        # the shell and the launcher end with 127 where there is no such program
        return FailureCode.PROGRAM_NOT_FOUND if self.exit_status == 127 else FailureCode.EXIT_STATUS

    def describe(self) -> str:
        """Return the end of the process in words."""
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
class Progress:
    """The next launches of a kernel, for display before they begin: output during a launch would disturb it.

    `stage` is the round in words. `left_s` is about the time until the last round ends, `speedup` how many times faster
    than the baseline the fastest kernel is by the samples so far; None for what is not known yet.
    """

    kernel: Kernel
    steps: tuple[Step, ...]
    stage: str
    expected_s: float | None
    launches_done: int
    left_s: float | None = None
    speedup: float | None = None
