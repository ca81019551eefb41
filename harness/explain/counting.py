"""Count one kernel under valgrind: pilots, then two verified launches whose difference is the work of some rows."""

from __future__ import annotations

from dataclasses import replace

from harness.execute.executor import Executor
from harness.explain.cachegrind import Tool, tool_of
from harness.explain.counted_launch import CountedLaunches, NotCounted, Place
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
from harness.model.counts import Caches, Counts, HowCounted
from harness.model.job import Absent, Built, Provided
from harness.model.kernel import Kernel
from harness.prepare.build import build, home_of
from harness.system import host
from harness.system.cache_shapes import cache_shapes
from harness.util.files import remove_tree

MIN_TIMEOUT_S = 900.0
"""Time limit of a launch, in seconds, where its prediction is shorter: importing Numba takes two minutes under
valgrind, and twice as long on a busy machine."""

TIMEOUT_MULTIPLE = 4
"""Multiple of the predicted time that a launch may take before it is stopped."""

MAX_NAMELESS = 0.1
"""Share of instructions in no named function from which on a JIT compiler may be at work, though kernel.yaml does not
say so: under valgrind it hardly gets to compile the loops. Where there is none, and a program only lacks its symbols,
one more launch shows that."""

OWN_FOLDER = "counts"
"""Folder of what is only counted, in the folder of builds."""


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
        self._launches = CountedLaunches(executor, config, caches, tool)

    def count(self, kernel: Kernel, built: Built, deadline_s: float | None = None) -> Counts:
        """Return the counts of a kernel, or the reason why it has none.

        Raises LeftOut if counting it would end after `deadline_s`, by the monotonic clock, or if a launch ran into its
        time limit.
        """
        home = home_of(kernel, self._executor, self._config.build_dir)
        # the same path each time: a longer one moves the stack, and with it the lines of the caches
        work = self._config.build_dir / OWN_FOLDER / "work" / kernel.id
        place = Place(kernel, home / "artefact", work, deadline_s=deadline_s)
        place.leave_out_after()
        try:
            try:
                return self._counts(place, built)
            except NotCounted as error:
                other = for_known_instructions(kernel) if error.unknown_instruction else None
                if error.unknown_instruction and other is None:
                    raise NotCounted(f"{error}, and its commands name no CPU to build it for another") from None
                if other is None:
                    raise
                return self._counts(self._rebuilt(other, place), built)
        except NotCounted as error:
            return Counts(kernel.id, built.digest, reason=str(error))
        finally:
            remove_tree(work)

    def _rebuilt(self, kernel: Kernel, place: Place) -> Place:
        """Build a kernel for the CPU that valgrind knows, where no timed build is, and return the place to count it."""
        config, executor = self._config, self._executor
        provided = executor.provide(kernel.toolchain)
        if not isinstance(provided, Provided):
            raise NotCounted(f"its build for {NAME} lacks its toolchain: {provided.reason}")
        folder, cpus = config.build_dir / OWN_FOLDER, host.usable_cpus(host.processors())
        result = build(kernel, provided, executor, folder, config.limits, NAME, cpus)
        if not isinstance(result, Built):
            reason = result.reason
            raise NotCounted(f"it does not build for {NAME}, whose instructions valgrind knows: {reason}")
        artefact = home_of(kernel, executor, folder) / "artefact"
        return replace(place, kernel=kernel, artefact=artefact, build=NAME)

    def _counts(self, place: Place, built: Built) -> Counts:
        kernel, launch = place.kernel, self._launches.launch
        pace = self._pace(place)
        plan = plan_counting(self._few_rows and rows_are_alike(kernel), self._config.n, pace, self._whole_s)
        place.leave_out_after(plan.seconds(pace))
        limit_s = _time_limit_s(plan, pace)
        shorter, longer = (launch(place, plan.n, shape, limit_s) for shape in (plan.shorter, plan.longer))
        events = longer.events.minus(shorter.events)
        nameless = longer.nameless - shorter.nameless > MAX_NAMELESS * events.instructions
        if nameless and (further := plan.doubled()):
            place.leave_out_after(further.seconds(pace))
            longest = launch(place, plan.n, further.longer, _time_limit_s(further, pace))
            added = longest.events.minus(longer.events)
            _refuse_jit(events.instructions / plan.rows, added.instructions / further.rows)
        how = HowCounted(plan.n, plan.rows, self.caches, self.tool.version, place.build)
        return Counts(kernel.id, built.digest, events, how)

    def _pace(self, place: Place) -> Pace:
        """Launch pilots until computing is told from the start; return how long counted launches take."""
        pilots: list[Pilot] = []
        while n := next_pilot(pilots, self._config.n):
            launched = self._launches.launch(place, n, Shape(n, 1), MIN_TIMEOUT_S)
            pilots.append(Pilot(n, launched.seconds, launched.events.instructions))
            place.leave_out_after()
        return pace_of(pilots)


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
