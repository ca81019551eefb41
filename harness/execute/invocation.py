"""Launch a kernel as docs/adding-a-language.md defines it: build its command line, and parse and check its output."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from harness.config.command_words import words
from harness.execute.executor import Executor
from harness.execute.kernel_output import KernelOutput, parse_output
from harness.model.counters import CounterEvent
from harness.model.job import FailureCode, Fault, Folders, Job, JobResult
from harness.model.kernel import Kernel, place_of
from harness.model.sample import Problem
from harness.util.files import read_head, tree_bytes

NOTHING = KernelOutput(())
"""What a launch with a fault reported."""

SLACK_BYTES = 2**22
"""Bytes that a kernel may write to any one file in addition to the size of its output, for example as messages. PoCL
writes a program in OpenCL C to a file together with its headers, which have 1 MiB."""


@dataclass(frozen=True)
class Launch:
    """The launch of one process. `a` and `b` are names of files in the folders `a_in` and `b_in`: "data" or "work".

    `count` and `counters` are those of Job.
    """

    problem: Problem
    threads: int
    reps: int
    a: str = "a.f64"
    b: str = "b.f64"
    a_in: str = "data"
    b_in: str = "data"
    count: bool = False
    counters: tuple[CounterEvent, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """The outcome of a launch: what the kernel reported of its calls, or the fault of the launch."""

    launch: Launch
    result: JobResult
    output: Path
    reported: KernelOutput = NOTHING
    fault: Fault | None = None
    log: str = ""

    @property
    def times_ns(self) -> tuple[int, ...]:
        """The times of the calls, in ns; empty for a launch with a fault."""
        return self.reported.times_ns


def launch_all(
    kernel: Kernel,
    executor: Executor,
    folders: Folders,
    launches: list[Launch],
    timeout_s: float,
    cpus: tuple[int, ...],
    keep: bool = False,
    slack_bytes: int = SLACK_BYTES,
) -> list[Outcome]:
    """Run the launches one after the other. Raises RunError, HarnessError.

    `keep` is that of Executor.run: more launches with the same folders will follow. `slack_bytes` may be written to any
    one file in addition to the size of the output, and to all other files together.
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
                8 * problem.n * problem.rows + slack_bytes,
                launch.count,
                counters=launch.counters,
            )
        )
    results = executor.run(kernel.toolchain, folders, jobs, cpus, keep=keep)
    outcomes = [
        _outcome(launch, result, folders.work, i, outputs[i])
        for i, (launch, result) in enumerate(zip(launches, results, strict=True))
    ]
    own = {name for i, output in enumerate(outputs) for name in (output, f"stdout{i}", f"stderr{i}")}
    left_bytes = sum(_bytes_of(path) for path in folders.work.iterdir() if path.name not in before | own)
    if left_bytes > slack_bytes:
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
    if result.code == FailureCode.CANNOT_RUN_HERE and not result.ok:
        reason = log.splitlines()[-1][:300] if log else "cannot run on this machine, and does not say why"
        return Outcome(launch, result, output, fault=Fault(result.code, reason), log=log)
    if not result.ok:
        message = f": {log.splitlines()[-1][:300]}" if log else ""
        return Outcome(launch, result, output, fault=Fault(result.code, result.describe() + message), log=log)
    reported = parse_output(read_head(work / f"stdout{i}", 96 * launch.reps + 4096), launch.reps)
    if isinstance(reported, Fault):
        return Outcome(launch, result, output, fault=reported, log=log)
    if (total_ns := sum(reported.times_ns)) > result.wall_ns:
        reason = f"reported {total_ns} ns of computing in a launch that took {result.wall_ns} ns"
        fault = Fault(FailureCode.CLOCK_BEYOND_LAUNCH, reason)
        return Outcome(launch, result, output, fault=fault, log=log)
    return Outcome(launch, result, output, reported, log=log)
