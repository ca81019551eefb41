"""Find the hottest loops of a run's kernels: those that are kept, and others for a limited time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from harness.execute.executor import Executor, RunError
from harness.execute.native import NativeExecutor
from harness.explain.inner_loops import InnerLoops
from harness.model.config import Config
from harness.model.errors import HarnessError
from harness.model.inner_loop import InnerLoop, RunLoops
from harness.model.job import Absent
from harness.model.kernel import Kernel
from harness.store.loops_file import write_loops
from harness.util.command_line import own_command
from harness.util.console import Console

RUN_LIMIT_S = 60.0
"""Time for which a run samples kernels whose loops are not kept, in seconds: each takes one or two."""


def loops_of_run(
    kernels: Sequence[Kernel], executor: Executor, config: Config, folder: Path, console: Console
) -> RunLoops:
    """Return the loops of kernels that are built. `folder` is for what the sampled programs read and write."""
    if not isinstance(executor, NativeExecutor):
        return RunLoops(reason="kernels in containers are not sampled")
    search, deadline_s = InnerLoops(executor, config, folder), time.monotonic() + RUN_LIMIT_S
    loops: dict[str, InnerLoop] = {}
    missing = {}
    # programs of machine code first: one takes a second or two, and an interpreter ten
    for i, kernel in enumerate(sorted(kernels, key=lambda kernel: not kernel.run.startswith("{out}"))):
        console.status(f"  {i + 1} of {len(kernels)}: {kernel.id}")
        try:
            found = search.of(kernel, only_kept=time.monotonic() > deadline_s)
        except (HarnessError, RunError, OSError) as error:
            found = Absent(str(error))
        if isinstance(found, InnerLoop):
            loops[kernel.id] = found
        else:
            missing[kernel.id] = str(found)
    return RunLoops(tuple(loops[kernel.id] for kernel in kernels if kernel.id in loops), missing)


def find_in_run(
    kernels: Sequence[Kernel], executor: Executor, config: Config, folder: Path, console: Console, run: Path
) -> None:
    """Write the loops of a run's kernels to its folder. A run does not fail for want of them. Raises OSError."""
    loops = loops_of_run(kernels, executor, config, folder, console)
    write_loops(run, loops)
    if loops.missing:
        more = f"'{own_command()} loop KERNEL' says why"
        console.line(f"  {len(loops.loops)} of {len(kernels)} hottest loops found; {more}")
