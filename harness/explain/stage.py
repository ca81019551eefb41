"""Count the kernels of a run: use what is kept, and count the others, several at a time."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.execute.docker import DockerExecutor
from harness.execute.executor import Executor
from harness.execute.toolchains import VALGRIND
from harness.explain.counted_launch import LeftOut
from harness.explain.counting import counter_of
from harness.explain.counting_plan import WHOLE_S
from harness.explain.keeping import Kept
from harness.model.config import Config
from harness.model.counts import Counts, RunCounts
from harness.model.job import Absent, Built, Provided
from harness.model.kernel import REFERENCE, Kernel
from harness.model.run_record import RunRecord
from harness.prepare.stages import side_by_side
from harness.store.counts_file import write_counts
from harness.util.command_line import own_command
from harness.util.console import Console
from harness.util.format import significant

JIT = "it is compiled while it runs: under valgrind, its JIT compiler makes other code than the one that is timed"
"""Why a kernel is not counted whose kernel.yaml says `jit`."""

RUN_LIMIT_S = 60.0
"""Seconds in which a run counts kernels that were not counted before. What is left is for the command `count`."""

MIN_RUN_N = 512
"""Smallest n at which a run counts and samples kernels: a smaller run is over before they are."""


@dataclass(frozen=True)
class Countable:
    """What may be counted: kernels that were built, their artefacts and their toolchains by kernel."""

    kernels: Sequence[Kernel]
    built: Mapping[str, Built]
    provided: Mapping[str, Provided]


@dataclass(frozen=True)
class Counting:
    """Count kernels of one configuration; no other run may be under way on this machine."""

    executor: Executor
    config: Config
    console: Console
    whole_s: float = WHOLE_S

    def run(self, countable: Countable, limit_s: float | None = None) -> RunCounts:
        """Return the counts of all kernels: those that are kept, and without a limit all others, counted now.

        With `limit_s`, those are left whose counting would end later. C's are counted first.
        """
        if isinstance(self.executor, DockerExecutor):
            for line in self.executor.announce([VALGRIND]):
                self.console.line(f"  {line}")
        counter = counter_of(self.executor, self.config, self.whole_s)
        if isinstance(counter, Absent):
            return RunCounts(reason=str(counter))
        kept = Kept(self.config.build_dir, self.config.n, counter.caches, (counter.tool.version, str(self.whole_s)))
        counted, missing = {}, []
        for kernel in sorted(countable.kernels, key=lambda kernel: kernel.language != REFERENCE):
            built = countable.built[kernel.id]
            if kernel.jit:
                counted[kernel.id] = Counts(kernel.id, built.digest, reason=JIT)
                continue
            counts = kept.read(kernel, built, countable.provided[kernel.id].version)
            if counts is None:
                missing.append(kernel)
            else:
                counted[kernel.id] = counts
        deadline_s = None if limit_s is None else time.monotonic() + limit_s

        def count(kernel: Kernel) -> Counts | None:
            built, version = countable.built[kernel.id], countable.provided[kernel.id].version
            try:
                counts = counter.count(kernel, built, deadline_s)
            except LeftOut:
                return None
            kept.write(kernel, built, version, counts)
            return counts

        left = []
        for kernel, counts in side_by_side(missing, count, self.console):
            if counts is None:
                left.append(kernel.id)
            else:
                counted[kernel.id] = counts
                self.console.line(f"  {kernel.id}: {_summary(counts)}")
        order = [kernel.id for kernel in countable.kernels]
        return RunCounts(
            tuple(counted[name] for name in order if name in counted), tuple(sorted(left, key=order.index))
        )


def _summary(counts: Counts) -> str:
    """Return what was counted of a kernel in a few words, or why nothing was."""
    per_step = counts.per_step
    return f"{significant(per_step.instructions)} instructions a multiply-add" if per_step else counts.reason


def count_in_run(counting: Counting, countable: Countable, folder: Path) -> None:
    """Write the counts of a run's kernels to its folder, and count those that are not kept for up to RUN_LIMIT_S.

    A run does not fail for want of counts.
    """
    try:
        counts = counting.run(countable, RUN_LIMIT_S)
    except OSError as error:
        counts = RunCounts(reason=f"{error.filename or 'the system'}: {error.strerror or error}")
    write_counts(folder, counts)
    if counts.reason:
        counting.console.line(f"  No counts of instructions: {counts.reason}")
    elif counts.left:
        counting.console.line(f"  {len(counts.left)} kernels were not counted: '{own_command()} count' counts them")


def counts_for_run(record: RunRecord, own: RunCounts, counts: RunCounts, n: int) -> RunCounts | None:
    """Return a run's own counts with those of the same artefacts at its n; None if there are none of them."""
    if n != record.config.n:
        return None
    fitting = {
        each.kernel: each
        for each in counts.kernels
        if each.kernel in record.built and record.built[each.kernel].digest == each.digest
    }
    if not fitting:
        return None
    merged = {each.kernel: each for each in own.kernels} | fitting
    order = [kernel.id for kernel in record.kernels]
    left = tuple(name for name in own.left if name not in merged)
    return RunCounts(tuple(sorted(merged.values(), key=lambda each: order.index(each.kernel))), left)
