"""Count one kernel under valgrind: pilots, then two verified launches whose difference is the work of some rows."""

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
    tool_of,
)
from harness.explain.counting_plan import (
    STEADY,
    WHOLE_S,
    CountingPlan,
    Pace,
    Pilot,
    Shape,
    next_pilot,
    pace_of,
    plan_counting,
    rows_are_alike,
)
from harness.explain.other_build import NAME, for_known_instructions
from harness.model.config import Config
from harness.model.counts import Caches, Counts, Events, HowCounted
from harness.model.errors import HarnessError
from harness.model.job import Absent, Built, Fault, Folders, Provided
from harness.model.kernel import Kernel
from harness.model.sample import Problem
from harness.prepare.build import build, home_of
from harness.prepare.inputs import Inputs, prepare
from harness.prepare.verify import compare, digest
from harness.system import host
from harness.system.cache_shapes import cache_shapes
from harness.util.cache import KeyedCache
from harness.util.files import remove_tree
from harness.util.scratch import fresh

MIN_TIMEOUT_S = 900.0
"""Time limit of a launch, in seconds, where its prediction is shorter: importing Numba takes two minutes under
valgrind, and twice as long on a busy machine."""

TIMEOUT_MULTIPLE = 4
"""Multiple of the predicted time that a launch may take before it is stopped."""

SLACK_BYTES = 2**28
"""Bytes that a launch may write to any one file beside its output: valgrind writes a line for each line of code."""

MAX_NAMELESS = 0.1
"""Share of instructions in no named function from which on a JIT compiler may be at work, though kernel.yaml does not
say so: under valgrind it hardly gets to compile the loops. Where there is none, and a program only lacks its symbols,
one more launch shows that."""

OWN_FOLDER = "counts"
"""Folder of what is only counted, in the folder of builds."""


class NotCounted(Exception):
    """A kernel has no counts; the text is the reason. `unknown_instruction` if another build may have some."""

    def __init__(self, reason: str, unknown_instruction: bool = False) -> None:
        super().__init__(reason)
        self.unknown_instruction = unknown_instruction


class LeftOut(Exception):
    """A kernel was not counted, for want of time or because counting was interrupted; later it may be."""


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


@dataclass(frozen=True)
class Launched:
    """What was counted of a launch: its events, its instructions in no named function, and its processor seconds."""

    events: Events
    nameless: int
    seconds: float


def counter_of(executor: Executor, config: Config, whole_s: float = WHOLE_S, few_rows: bool = True) -> Counter | Absent:
    """Return the counter of kernels in the place of an executor, or why nothing can be counted there."""
    tool, caches = tool_of(executor, config.build_dir), cache_shapes()
    if isinstance(tool, Absent):
        return tool
    return caches if isinstance(caches, Absent) else Counter(executor, config, caches, tool, whole_s, few_rows)


class Counter:
    """Count kernels of one configuration, with a tool and simulated caches. Several threads may use it at a time.

    Without `few_rows`, whole products are counted of every kernel, at a smaller n.
    """

    def __init__(
        self,
        executor: Executor,
        config: Config,
        caches: Caches,
        tool: Tool,
        whole_s: float = WHOLE_S,
        few_rows: bool = True,
    ) -> None:
        self._executor = executor
        self._config = config
        self.caches = caches
        self.tool = tool
        self._whole_s = whole_s
        self._few_rows = few_rows
        self._inputs: KeyedCache[int, Inputs] = KeyedCache()
        self._preparing = threading.Lock()
        self._processors: SimpleQueue[int] = SimpleQueue()
        for cpu in host.usable_cpus(host.processors()):
            self._processors.put(cpu)

    def count(self, kernel: Kernel, built: Built, deadline_s: float | None = None) -> Counts:
        """Return the counts of a kernel, or the reason why it has none.

        Raises LeftOut if counting it would end after `deadline_s`, by the monotonic clock.
        """
        _leave_out(kernel, 0.0, deadline_s)
        home = home_of(kernel, self._executor, self._config.build_dir)
        # the same path each time: a longer one moves the stack, and with it the lines of the caches
        work = self._config.build_dir / OWN_FOLDER / "work" / kernel.id
        try:
            try:
                return self._counts(Place(kernel, home / "artefact", work, deadline_s=deadline_s), built)
            except NotCounted as error:
                other = for_known_instructions(kernel) if error.unknown_instruction else None
                if error.unknown_instruction and other is None:
                    raise NotCounted(f"{error}, and its commands name no CPU to build it for another") from None
                if other is None:
                    raise
                return self._counts(replace(self._rebuilt(other, work), deadline_s=deadline_s), built)
        except NotCounted as error:
            return Counts(kernel.id, built.digest, reason=str(error))
        finally:
            remove_tree(work)

    def _rebuilt(self, kernel: Kernel, work: Path) -> Place:
        """Build a kernel for the CPU that valgrind knows, where no timed build is."""
        config, executor = self._config, self._executor
        provided = executor.provide(kernel.toolchain)
        if not isinstance(provided, Provided):
            raise NotCounted(f"its build for {NAME} lacks its toolchain: {provided.reason}")
        folder, cpus = config.build_dir / OWN_FOLDER, host.usable_cpus(host.processors())
        result = build(kernel, provided, executor, folder, config.limits, NAME, cpus)
        if not isinstance(result, Built):
            reason = result.reason
            raise NotCounted(f"it does not build for {NAME}, whose instructions valgrind knows: {reason}")
        return Place(kernel, home_of(kernel, executor, folder) / "artefact", work, NAME)

    def _counts(self, place: Place, built: Built) -> Counts:
        kernel, deadline_s = place.kernel, place.deadline_s
        pace = self._pace(place)
        plan = plan_counting(self._few_rows and rows_are_alike(kernel), self._config.n, pace, self._whole_s)
        _leave_out(kernel, plan.seconds(pace), deadline_s)
        limit_s = _time_limit_s(plan, pace)
        shorter, longer = (self._launch(place, plan.n, shape, limit_s) for shape in (plan.shorter, plan.longer))
        events = longer.events.minus(shorter.events)
        nameless = longer.nameless - shorter.nameless > MAX_NAMELESS * events.instructions
        if nameless and (further := plan.doubled()):
            _leave_out(kernel, further.seconds(pace), deadline_s)
            longest = self._launch(place, plan.n, further.longer, _time_limit_s(further, pace))
            added = longest.events.minus(longer.events)
            _refuse_jit(events.instructions / plan.rows, added.instructions / further.rows)
        how = HowCounted(plan.n, plan.rows, self.caches, self.tool.version, place.build)
        return Counts(kernel.id, built.digest, events, how)

    def _pace(self, place: Place) -> Pace:
        """Launch pilots until computing is told from the start; return how long counted launches take."""
        pilots: list[Pilot] = []
        while n := next_pilot(pilots, self._config.n):
            launched = self._launch(place, n, Shape(n, 1), MIN_TIMEOUT_S)
            pilots.append(Pilot(n, launched.seconds, launched.events.instructions))
            _leave_out(place.kernel, 0.0, place.deadline_s)
        return pace_of(pilots)

    def _launch(self, place: Place, n: int, shape: Shape, limit_s: float) -> Launched:
        """Return what was counted of one verified launch. Raises NotCounted, LeftOut."""
        problem, inputs = Problem(n, shape.rows), self._prepared(n)
        place.work.parent.mkdir(parents=True, exist_ok=True)
        work = fresh(place.work.parent, place.work.name)
        if self.tool.files:
            shutil.copytree(self.tool.files, work / INSIDE)
        folders = Folders(place.kernel.folder, place.artefact, inputs.folder, work, place.kernel.uses)
        counted = replace(place.kernel, run=f"{prefix(self.tool, self.caches)} {place.kernel.run}")
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
            _leave_out(place.kernel, 0.0, place.deadline_s)
        self._refuse(outcome, inputs, problem, work)
        events = read_events(work)
        if events is None:
            raise NotCounted(f"valgrind wrote no {OUTPUT} for it")
        # not the time by the wall, by which a busy machine would have another n, and counts that cannot be compared
        seconds = (outcome.result.user_ns + outcome.result.system_ns) / 1e9
        return Launched(events, nameless_instructions(work), seconds)

    def _refuse(self, outcome: Outcome, inputs: Inputs, problem: Problem, work: Path) -> None:
        """Raise NotCounted if a launch failed or its output is wrong: a broken program's counts say nothing."""
        if outcome.fault:
            if lacks_instruction(work):
                raise NotCounted("valgrind does not know all of its instructions", unknown_instruction=True)
            raise NotCounted(f"under valgrind, it {outcome.fault.reason}")
        expected = np.asarray(inputs.expected(problem))
        verdict = compare(outcome.output, expected, digest(expected))
        if isinstance(verdict, Fault):
            raise NotCounted(f"under valgrind, it computes another product: {verdict.reason}")

    def _prepared(self, n: int) -> Inputs:
        def make() -> Inputs:
            with self._preparing:
                return prepare(n, self._config.seed, self._config.build_dir)

        return self._inputs.get(n, make)


def _leave_out(kernel: Kernel, seconds: float, deadline_s: float | None) -> None:
    """Raise LeftOut if work of so many seconds would end after the deadline."""
    if deadline_s is not None and time.monotonic() + seconds > deadline_s:
        raise LeftOut(kernel.id)


def _time_limit_s(plan: CountingPlan, pace: Pace) -> float:
    """Return the time limit of a launch of a plan, in seconds."""
    return max(MIN_TIMEOUT_S, TIMEOUT_MULTIPLE * plan.seconds(pace))


def _refuse_jit(before: float, after: float) -> None:
    """Raise NotCounted unless further rows took as many instructions each as those before."""
    change = after / before - 1
    if abs(change) > STEADY:
        raise NotCounted(
            f"under valgrind, its rows took other instructions in another launch ({change:+.2%}), as those of a JIT "
            "compiler do"
        )
