"""Start the launcher (programs/launch.c), encode its jobs, and decode its report."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from harness.execute.executor import RunError
from harness.model.counters import CounterEvent, CounterReading
from harness.model.job import Job, JobResult
from harness.model.kernel import Toolchain

PROGRAMS = Path(__file__).resolve().parent / "programs"

SOURCE = PROGRAMS / "launch.c"

FALLBACK = PROGRAMS / "launch.py"

TOOLS = Toolchain(
    language="tools",
    apt=("gcc", "libc6-dev"),
    backports=(),
    pip=(),
    version_command="gcc --version",
    dnf=("gcc", "glibc-devel", "glibc-static"),
    pacman=("gcc",),
    apk=("gcc", "musl-dev"),
)
"""The toolchain of the harness's own programs, the launcher and the peak program."""

COMPILE = ("-std=c17", "-O2", "-Wall", "-Wextra", "-static")

OUT_OF_TIME, CROWDED, NOT_STARTED = 1, 2, 3
"""Values of `stopped` in the launcher's report. After a job that it stopped, it starts no other job of the list."""

START_S = 120
"""Time limit of starting and of stopping a container, in seconds, in addition to the limits of the jobs. It is long
because the engine is slow on a busy machine."""

END_S = 10
"""Time in which the launcher must end after SIGTERM, in seconds, before it is killed."""

LATE = "the launcher did not answer within its time limit"


def encode(jobs: list[Job]) -> bytes:
    """Return the jobs in the format that the launcher reads."""
    records = []
    for job in jobs:
        fields = [
            str(max(1, round(job.timeout_s * 1e3))),
            str(job.file_limit_bytes),
            job.cwd,
            job.stdin,
            job.stdout,
            job.stderr,
            str(int(job.count)),
            ",".join(f"{'+' if event.grouped else ''}{event.type}:{event.config:#x}" for event in job.counters),
            *job.argv,
        ]
        records.append(b"".join(_encoded(field) + b"\x1f" for field in fields) + b"\x1e")
    return b"".join(records)


def _encoded(field: str) -> bytes:
    """Return the bytes of a path as the file system has them, whatever their encoding; of other text, its UTF-8."""
    try:
        return os.fsencode(field)
    except UnicodeEncodeError:  # a word of kernel.yaml, which is UTF-8, with a sign that this locale does not have
        return field.encode(errors="surrogateescape")


def decode(text: bytes, jobs: list[Job], error: str) -> list[JobResult]:
    """Return the results in the launcher's report. Raises RunError, with a line of `error`, if one is missing."""
    results = []
    for job, line in zip(jobs, text.split(b"\n")[:-1], strict=False):
        numbers = [int(word) for word in line.split()]
        status, signal, stopped, wall, user, system, peak, minor, major, voluntary, involuntary, at_work, looks = (
            numbers[:13]
        )
        results.append(
            JobResult(
                exit_status=status,
                signal=signal,
                timed_out=stopped in (OUT_OF_TIME, NOT_STARTED),
                wall_ns=wall,
                user_ns=user,
                system_ns=system,
                peak_rss_bytes=peak,
                minor_faults=minor,
                major_faults=major,
                voluntary_switches=voluntary,
                involuntary_switches=involuntary,
                crowded=stopped == CROWDED,
                at_work=at_work,
                looks=looks,
                counters=_readings(job.counters, numbers[13:]),
            )
        )
    if len(results) != len(jobs):
        raise RunError(_last_line(error))
    return results


def _readings(events: Sequence[CounterEvent], numbers: Sequence[int]) -> tuple[CounterReading, ...]:
    """Return the readings of the events that could be counted; none from the launcher in Python."""
    triples = [numbers[i : i + 3] for i in range(0, len(numbers), 3)]
    return tuple(
        CounterReading(event.name, count, enabled_ns, running_ns)
        for event, (count, enabled_ns, running_ns) in zip(events, triples, strict=False)
        if count >= 0
    )


_live: set[subprocess.Popen[bytes]] = set()


def stop_all() -> None:
    """End every launcher that is still running, whichever thread started it, and so its kernel."""
    for process in list(_live):
        process.terminate()


def call(argv: list[str], jobs: list[Job], stop: list[str] | None = None) -> list[JobResult]:
    """Run a launcher command to its end and return its results. Raises RunError. Any exception ends the launcher.

    `stop` is a command that ends the launcher where a signal to the process cannot, as in a container.
    """
    process = _start(argv, subprocess.DEVNULL)
    try:
        out, err = process.communicate(timeout=START_S + sum(job.timeout_s for job in jobs))
    except BaseException as error:
        _end(process, stop)
        if isinstance(error, subprocess.TimeoutExpired):
            raise RunError(LATE) from None
        raise
    finally:
        _live.discard(process)
    reason = _reason(process.returncode, err)
    if process.returncode:  # its report may be that of a job which killed it
        raise RunError(_last_line(reason))
    return decode(out, jobs, reason)


class Session:
    """A launcher that runs one list of jobs after the other, so that one container serves all of them.

    `argv` is its command, with "-" for JOBS; `stop` is that of call().
    """

    def __init__(self, argv: list[str], stop: list[str]) -> None:
        self._process = process = _start(argv, subprocess.PIPE)
        self._stdin, self._stdout, self._stderr = map(_created, (process.stdin, process.stdout, process.stderr))
        self._stop = stop

    def run(self, jobs: list[Job], path: str) -> list[JobResult]:
        """Run the jobs that are encoded in the file at `path`. Raises RunError, after which the session is closed."""
        process, limit = self._process, time.monotonic() + START_S + sum(job.timeout_s for job in jobs)
        out = b""
        try:
            with contextlib.suppress(BrokenPipeError):  # the launcher has ended; the reason is read below
                self._stdin.write(f"{path}\n".encode())
                self._stdin.flush()
            while out.count(b"\n") < len(jobs):
                if not select.select([self._stdout], [], [], max(0, limit - time.monotonic()))[0]:
                    raise RunError(LATE)
                if not (data := os.read(self._stdout.fileno(), 65536)):
                    process.wait(START_S)
                    raise RunError(_last_line(_reason(process.returncode, self._stderr.read())))
                out += data
        except BaseException:
            self.close(kill=True)
            raise
        return decode(out, jobs, "")

    def close(self, kill: bool = False) -> None:
        """End the launcher, by ending its input or with `kill` at once."""
        with contextlib.suppress(OSError):
            self._stdin.close()
        try:
            if kill:
                _end(self._process, self._stop)
            self._process.wait(START_S)
        finally:
            _live.discard(self._process)
            for pipe in (self._stdout, self._stderr):
                pipe.close()


def _start(argv: list[str], stdin: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        argv, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    _live.add(process)
    return process


def _created(pipe: IO[bytes] | None) -> IO[bytes]:
    """Return a pipe that Popen was told to create. It exists, although its type allows None."""
    assert pipe is not None
    return pipe


def _end(process: subprocess.Popen[bytes], stop: list[str] | None) -> None:
    if stop:
        subprocess.run(stop, capture_output=True, timeout=START_S, check=False)
    process.terminate()  # the launcher then kills its job and all processes of the job
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(END_S)
    process.kill()
    process.wait()


def _reason(status: int, error: bytes) -> str:
    if status == 137:  # of the engine's client, whose container was killed
        return "killed: it exceeded its memory limit, or was stopped from outside"
    if status < 0:
        return f"the launcher was killed by signal {-status}, which only a process of this machine can send"
    return error.decode(errors="replace")


def _last_line(error: str) -> str:
    # Docker's client names the error and then, on a last line, how to get help
    lines = [line for line in error.splitlines() if line.strip() and "--help" not in line]
    return lines[-1].strip() if lines else "ended without a report"
