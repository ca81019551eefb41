"""Launch a kernel under valgrind, verify its output, and read what was counted."""

from __future__ import annotations

import shutil
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue

import numpy as np

from harness.execute.executor import Executor, RunError
from harness.execute.invocation import Launch, Outcome, launch_all
from harness.explain.cachegrind import (
    INSIDE,
    OUTPUT,
    Tool,
    lacks_instruction,
    nameless_instructions,
    prefix,
    read_events,
)
from harness.explain.counting_plan import Shape
from harness.model.config import Config
from harness.model.counts import Caches, Events
from harness.model.errors import HarnessError
from harness.model.job import FailureCode, Fault, Folders
from harness.model.kernel import Kernel
from harness.model.sample import Problem
from harness.prepare.inputs import Inputs, prepare
from harness.prepare.verify import compare, digest
from harness.system import host
from harness.util.cache import KeyedCache
from harness.util.scratch import fresh

SLACK_BYTES = 2**28
"""Bytes that a launch may write to any one file beside its output: valgrind writes a line for each line of code."""


class NotCounted(Exception):
    """A kernel has no counts; the text is the reason. `unknown_instruction` if another build may have some."""

    def __init__(self, reason: str, unknown_instruction: bool = False) -> None:
        super().__init__(reason)
        self.unknown_instruction = unknown_instruction


class LeftOut(Exception):
    """A kernel was not counted: time ran out, or counting was interrupted. Later it may be counted."""


@dataclass(frozen=True)
class Place:
    """A kernel to count: its artefact's folder, its work folder, and the name of its build; empty for the timed one.

    A launch that has not ended at `deadline_s`, by the monotonic clock, is stopped.
    """

    kernel: Kernel
    artefact: Path
    work: Path
    build: str = ""
    deadline_s: float | None = None

    def leave_out_after(self, seconds: float = 0.0) -> None:
        """Raise LeftOut if work of so many seconds would end after the deadline."""
        if self.deadline_s is not None and time.monotonic() + seconds > self.deadline_s:
            raise LeftOut(self.kernel.id)


@dataclass(frozen=True)
class Launched:
    """What was counted of a launch: its events, its instructions in no named function, and its processor seconds."""

    events: Events
    nameless: int
    seconds: float


class CountedLaunches:
    """Launch kernels of one configuration, with a tool and simulated caches; several threads may at a time."""

    def __init__(self, executor: Executor, config: Config, caches: Caches, tool: Tool) -> None:
        self._executor = executor
        self._config = config
        self._caches = caches
        self._tool = tool
        self._inputs: KeyedCache[int, Inputs] = KeyedCache()
        self._preparing = threading.Lock()
        self._processors: SimpleQueue[int] = SimpleQueue()
        for cpu in host.usable_cpus(host.processors()):
            self._processors.put(cpu)

    def launch(self, place: Place, n: int, shape: Shape, limit_s: float) -> Launched:
        """Return what was counted of one verified launch. Raises NotCounted, LeftOut."""
        problem, inputs = Problem(n, shape.rows), self._prepared(n)
        place.work.parent.mkdir(parents=True, exist_ok=True)
        work = fresh(place.work.parent, place.work.name)
        if self._tool.files:
            shutil.copytree(self._tool.files, work / INSIDE)
        folders = Folders(place.kernel.folder, place.artefact, inputs.folder, work, place.kernel.uses)
        counted = replace(place.kernel, run=f"{prefix(self._tool, self._caches)} {place.kernel.run}")
        if place.deadline_s is not None:
            # a start may take minutes, and no pilot foretells the first one
            limit_s = min(limit_s, max(1.0, place.deadline_s - time.monotonic()))
        # one processor: libraries start a thread for each that they see
        cpu, launch = self._processors.get(), Launch(problem, 1, shape.calls)
        try:
            [outcome] = launch_all(counted, self._executor, folders, [launch], limit_s, (cpu,), slack_bytes=SLACK_BYTES)
        except (RunError, HarnessError):
            raise LeftOut(place.kernel.id) from None  # stopped by Ctrl-C, for example: that is no property of it
        finally:
            self._processors.put(cpu)
        if outcome.fault:
            place.leave_out_after()
        _refuse(outcome, inputs, problem, work)
        events = read_events(work)
        if events is None:
            raise NotCounted(f"valgrind wrote no {OUTPUT} for it")
        # not the time by the wall, by which a busy machine would have another n, and counts that cannot be compared
        seconds = (outcome.result.user_ns + outcome.result.system_ns) / 1e9
        return Launched(events, nameless_instructions(work), seconds)

    def _prepared(self, n: int) -> Inputs:
        def make() -> Inputs:
            with self._preparing:
                return prepare(n, self._config.seed, self._config.build_dir)

        return self._inputs.get(n, make)


def _refuse(outcome: Outcome, inputs: Inputs, problem: Problem, work: Path) -> None:
    """Raise NotCounted if a launch failed or its output is wrong: a broken program's counts say nothing."""
    if outcome.fault:
        if outcome.fault.code == FailureCode.TIME_LIMIT:
            raise LeftOut(outcome.fault.reason)  # on a machine that is less busy, it may be counted
        if lacks_instruction(work):
            raise NotCounted("valgrind does not know all of its instructions", unknown_instruction=True)
        raise NotCounted(f"under valgrind, it {outcome.fault.reason}")
    expected = np.asarray(inputs.expected(problem))
    verdict = compare(outcome.output, expected, digest(expected))
    if isinstance(verdict, Fault):
        raise NotCounted(f"under valgrind, it computes another product: {verdict.reason}")
