"""Gather what limits a tried kernel: sample it for its hottest loop, and count small whole products of it."""

from __future__ import annotations

from pathlib import Path

from harness.attempt.limit import Inspected
from harness.execute.executor import Executor, RunError
from harness.execute.native import NativeExecutor
from harness.explain.counted_launch import LeftOut
from harness.explain.counting import counter_of
from harness.explain.inner_loops import COMPILED_WHILE_RUNNING, InnerLoops
from harness.model.config import Config
from harness.model.counts import Counts
from harness.model.errors import HarnessError
from harness.model.inner_loop import FoundBy, InnerLoop
from harness.model.job import Absent, Built, Provided
from harness.model.kernel import Kernel
from harness.prepare.build import build
from harness.system import host
from harness.util.console import Console
from harness.util.scratch import fresh

WHOLE_S = 2.0
"""Seconds that a counted product may take: whoever tries a kernel waits for it."""


def inspect_kernel(kernel: Kernel, executor: Executor, config: Config, folder: Path, console: Console) -> Inspected:
    """Return the hottest loop and the counts of a kernel that is built. `folder` is for what its launches write."""
    try:
        console.status("  sampling its hottest loop")
        loop = _loop(kernel, executor, config, fresh(folder, "loop"))
        if isinstance(loop, InnerLoop) and loop.found_by == FoundBy.TRACE:
            # matrices as small as an interpreter needs for it would fit into every cache
            return Inspected(loop, Absent("it is interpreted"))
        if isinstance(loop, InnerLoop) and loop.place == COMPILED_WHILE_RUNNING:
            return Inspected(loop, Absent("under valgrind, a JIT compiler takes most of a minute"))
        console.status("  counting its instructions")
        return Inspected(loop, _counts(kernel, executor, config))
    finally:
        console.clear()


def _loop(kernel: Kernel, executor: Executor, config: Config, folder: Path) -> InnerLoop | Absent:
    if not isinstance(executor, NativeExecutor):
        return Absent("kernels in containers are not sampled")
    try:
        return InnerLoops(executor, config, folder).find(kernel)
    except (HarnessError, RunError, OSError) as error:
        return Absent(str(error))


def _counts(kernel: Kernel, executor: Executor, config: Config) -> Counts | Absent:
    # its rung says how it is built, and not that each of its rows takes the same work
    counter = counter_of(executor, config, WHOLE_S, few_rows=False)
    if isinstance(counter, Absent):
        return counter
    provided = executor.provide(kernel.toolchain)
    cpu, cpus = host.cpu_identity(), host.usable_cpus(host.processors())
    if not isinstance(provided, Provided):
        return provided
    built = build(kernel, provided, executor, config.build_dir, config.limits, cpu, cpus)
    if not isinstance(built, Built):
        return Absent(built.reason)
    try:
        return counter.count(kernel, built)
    except (LeftOut, HarnessError, OSError) as error:
        return Absent(f"it could not be counted: {error}")
