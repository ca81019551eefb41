"""Launch a kernel as docs/adding-a-language.md defines it: build its command line, and parse and check its output."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from harness.config.kernels import words
from harness.execute.executor import Executor
from harness.model.job import FailureCode, Fault, Folders, Job, JobResult
from harness.model.kernel import Kernel, place_of
from harness.model.sample import Problem
from harness.util.files import read_head
from harness.util.files import tree_bytes

SLACK_BYTES = 2**20
"""Bytes that a kernel may write to any one file in addition to the size of its output, for example as messages."""


@dataclass(frozen=True)
class Launch:
    """The launch of one process. `a` and `b` are names of files in the folders `a_in` and `b_in`: "data" or "work".

    `count` is that of Job.
    """

    problem: Problem
    threads: int
    reps: int
    a: str = "a.f64"
    b: str = "b.f64"
    a_in: str = "data"
    b_in: str = "data"
    count: bool = False


@dataclass(frozen=True)
class Outcome:
    """The outcome of a launch: the reported times of its calls, or the fault of the launch."""

    launch: Launch
    result: JobResult
    output: Path
    times_ns: tuple[int, ...] = ()
    fault: Fault | None = None
    log: str = ""


def launch_all(
    kernel: Kernel,
    executor: Executor,
    folders: Folders,
    launches: list[Launch],
    timeout_s: float,
    cpus: tuple[int, ...],
    keep: bool = False,
) -> list[Outcome]:
    """Run the launches one after the other. Raises RunError, HarnessError.

    `keep` is that of Executor.run: more launches with the same folders will follow.
    """
    inside = executor.view(folders)
    argv = words(
        kernel.run,
        artefact=inside.artefact,
        folder=inside.source,
        source=str(place_of(kernel.source, inside.source, inside.uses)),
        flags=kernel.flags,
        uses=inside.uses,
    )
    before = {path.name for path in folders.work.iterdir()}
    # no launch can tell where the next one is to write, and leave it a result there
    outputs = [f"c{secrets.token_hex(8)}" for _ in launches]
    jobs = []
    for i, launch in enumerate(launches):
        problem = launch.problem
        a, b = getattr(inside, launch.a_in) / launch.a, getattr(inside, launch.b_in) / launch.b
        arguments = [a, b, inside.work / outputs[i], problem.n, problem.rows, launch.threads, launch.reps]
        jobs.append(
            Job(
                (*argv, *map(str, arguments)),
                str(inside.work),
                str(inside.work / f"stdout{i}"),
                str(inside.work / f"stderr{i}"),
                timeout_s,
                8 * problem.n * problem.rows + SLACK_BYTES,
                launch.count,
            )
        )
    results = executor.run(kernel.toolchain, folders, jobs, cpus, keep=keep)
    outcomes = [
        _outcome(launch, result, folders.work, i, outputs[i])
        for i, (launch, result) in enumerate(zip(launches, results, strict=True))
    ]
    own = {name for i, output in enumerate(outputs) for name in (output, f"stdout{i}", f"stderr{i}")}
    left_bytes = sum(_bytes_of(path) for path in folders.work.iterdir() if path.name not in before | own)
    if left_bytes > SLACK_BYTES:
        left = Fault(FailureCode.LEFT_FILES, f"left {left_bytes} bytes in other files than its output")
        return [outcome if outcome.fault else replace(outcome, fault=left) for outcome in outcomes]
    return outcomes


def _bytes_of(path: Path) -> int:
    """Return the size of a file or folder that a kernel left; 0 for what cannot be read."""
    with contextlib.suppress(OSError):
        return tree_bytes(path) if path.is_dir() and not path.is_symlink() else path.lstat().st_size
    return 0


def _outcome(launch: Launch, result: JobResult, work: Path, i: int, name: str) -> Outcome:
    output, log = work / name, read_head(work / f"stderr{i}", 4096).decode(errors="replace").strip()
    if not result.ok:
        message = f": {log.splitlines()[-1][:300]}" if log else ""
        return Outcome(launch, result, output, fault=Fault(result.code, result.describe() + message), log=log)
    times = parse_times(read_head(work / f"stdout{i}", 64 * launch.reps + 4096), launch.reps)
    if isinstance(times, Fault):
        return Outcome(launch, result, output, fault=times, log=log)
    if sum(times) > result.wall_ns:
        reason = f"reported {sum(times)} ns of computing in a launch that took {result.wall_ns} ns"
        fault = Fault(FailureCode.CLOCK_BEYOND_LAUNCH, reason)
        return Outcome(launch, result, output, fault=fault, log=log)
    return Outcome(launch, result, output, times, log=log)


def parse_times(stdout: bytes, reps: int) -> tuple[int, ...] | Fault:
    """Return the `reps` times that a kernel printed, one whole number of ns above 0 per line; or the mistake."""
    lines = stdout.decode("ascii", errors="replace").splitlines()
    if len(lines) != reps:
        reason = f"printed {len(lines)} lines where {reps} were expected, one time in ns per call"
        return Fault(FailureCode.WRONG_LINE_COUNT, reason)
    for line in lines:
        if not line.strip().isdecimal() or int(line) <= 0:
            reason = f"printed {line[:60]!r} where a time in ns, a whole number above 0, was expected"
            return Fault(FailureCode.INVALID_TIME, reason)
    return tuple(int(line) for line in lines)
