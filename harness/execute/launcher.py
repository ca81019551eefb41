"""How the harness and native/launch.c talk: job records in, one line of figures a job out."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path

from harness.execute import RunError
from harness.model import Job, JobResult, Toolchain

NATIVE = Path(__file__).resolve().parent.parent / "native"
SOURCE = NATIVE / "launch.c"
FALLBACK = NATIVE / "launch.py"
TOOLS = Toolchain("tools", ("gcc", "libc6-dev"), (), (), "gcc --version")
"""What the harness's own programs, the launcher and the peak, are built with."""
COMPILE = ("-std=c17", "-O2", "-Wall", "-Wextra", "-static")

START_S = 120
"""What starting a container may take on a busy machine, beside the jobs' own limits."""


def encode(jobs: list[Job]) -> bytes:
    """The jobs as the launcher reads them."""
    records = []
    for job in jobs:
        fields = [
            str(max(1, round(job.timeout_s * 1e3))),
            str(job.file_limit_bytes),
            job.cwd,
            job.stdout,
            job.stderr,
            *job.argv,
        ]
        records.append("".join(field + "\x1f" for field in fields) + "\x1e")
    return "".join(records).encode()


def decode(text: bytes, jobs: list[Job], error: str) -> list[JobResult]:
    """The launcher's lines as results. Raises RunError, with `error`, if one is missing."""
    results = []
    for line in text.split(b"\n")[:-1]:
        status, signal, timed_out, *figures = (int(word) for word in line.split())
        results.append(JobResult(status, signal, bool(timed_out), *figures))
    if len(results) != len(jobs):
        raise RunError(error.strip().splitlines()[-1] if error.strip() else "ended without a report")
    return results


_live: set[subprocess.Popen[bytes]] = set()


def stop_all() -> None:
    """End every launcher that is still at work, from whichever thread it was started, and with it its kernel."""
    for process in list(_live):
        process.terminate()


def call(argv: list[str], jobs: list[Job], stop: list[str] | None = None) -> list[JobResult]:
    """Run a launcher command to its end; on the way out of any exception, end what it started.

    `stop` is a command that ends it where a signal to the process does not reach it.
    """
    process = subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    _live.add(process)
    try:
        out, err = process.communicate(timeout=START_S + sum(job.timeout_s for job in jobs))
    except BaseException as error:
        if stop:
            subprocess.run(stop, capture_output=True, timeout=START_S, check=False)
        process.terminate()  # the launcher kills its job and all that the job started
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()
        if isinstance(error, subprocess.TimeoutExpired):
            raise RunError("the launcher did not answer within its time") from None
        raise
    finally:
        _live.discard(process)
    reason = {137: "killed: it ran out of its memory limit, or was stopped from outside"}
    return decode(out, jobs, reason.get(process.returncode, err.decode(errors="replace")))
