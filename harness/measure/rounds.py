"""Measure kernels in rounds: pilots first, then one launch of each kernel of a round, in a shuffled order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.analysis.plausibility import MAX_AUDITS, audits_of, plausibility_failures
from harness.measure.pilot import Pace, has_costly_calls, pilot, predicted_ns
from harness.measure.plan import (
    FIRST_ROUND,
    PILOT_ROUND,
    FirstRound,
    Plan,
    first_round_of,
    plan_all_rounds,
    plan_first_round,
    predicted_first_round,
    wall_ns,
)
from harness.measure.progress import left_s, speedup_so_far
from harness.measure.sampler import Sampler
from harness.measure.schedule import steps_of_round
from harness.model.config import Config
from harness.model.job import Failed, Progress
from harness.model.kernel import Kernel
from harness.model.sample import Purpose, Step, launches_in
from harness.store.sample_log import SampleLog
from harness.util.interrupt import DeferredInterrupt

OnFailure = Callable[[Kernel, Failed], None]
"""Called with each kernel that fails while it is measured."""


@dataclass(frozen=True)
class Status:
    """Where a run is: the round in words, the time that is left in seconds, and the answer so far."""

    stage: str
    left_s: float | None = None
    speedup: float | None = None


@dataclass
class Rounds:
    """Measure kernels on one problem, and continue from the samples already in `store`.

    `hints_ns` is a first guess of the time of a row of each kernel, `say` shows the progress before each launch.
    """

    config: Config
    store: SampleLog
    sampler: Sampler
    hints_ns: dict[str, float]
    say: Callable[[Progress], None]

    def __post_init__(self) -> None:
        self._interrupt = DeferredInterrupt()
        self._failed: set[str] = set()
        self._walls_s: dict[str, float] = {}

    def run(self, kernels: list[Kernel], on_failure: OnFailure, failed: frozenset[str] = frozenset()) -> Plan:
        """Measure the kernels to their end, and return the plan of all rounds.

        Kernels that have `failed` before an interruption are part of the plan, but not launched: without them, the rest
        of the run would be another than that of the run without an interruption. Raises HarnessError if a sample cannot
        be stored.
        """
        self._failed = set(failed)

        def drop(kernel: Kernel, reason: Failed) -> None:
            self._failed.add(kernel.id)
            on_failure(kernel, reason)

        try:
            with self._interrupt:
                self.sampler.warm([kernel for kernel in kernels if kernel.id not in failed])
                paces = self._run_pilots(kernels, drop)
                plan = self._run_first_round(kernels, paces, drop)
                for number in range(FIRST_ROUND + 1, plan.last_round + 1):
                    self._run_round(number, plan, kernels, drop, plan)
                self._run_further_rounds(plan, kernels, drop)
                return plan
        finally:
            self.sampler.release()

    def _run_pilots(self, kernels: list[Kernel], drop: OnFailure) -> dict[str, Pace]:
        """Make the pilots of each kernel, one kernel after the other; return the pace of those that did not fail."""
        paces = {}
        for position, kernel in enumerate(kernels):
            while True:
                history = self.store.samples(kernel.id)
                threads, hint_ns = self._threads_of(kernel), self.hints_ns[kernel.id]
                next_pilot = pilot(history, self.config.n, threads, hint_ns, has_costly_calls(kernel))
                if isinstance(next_pilot, Pace):
                    paces[kernel.id] = next_pilot
                    break
                if kernel.id in self._failed:
                    break
                stage = f"pilots, kernel {position + 1} of {len(kernels)}"
                self._make(kernel, (next_pilot,), PILOT_ROUND, drop, Status(stage))
        return paces

    def _run_first_round(self, kernels: list[Kernel], paces: dict[str, Pace], drop: OnFailure) -> Plan:
        """Launch every kernel once, and plan all rounds by what that shows."""
        plan = plan_first_round(kernels, paces, self.hints_ns, self.config)
        self._walls_s = {name: wall_ns(paces[name], mode) / 1e9 for name, mode in plan.modes.items()}
        predicted = predicted_first_round(plan, paces, self.config.n, self._first_round(kernels).spent_s)
        self._run_round(FIRST_ROUND, plan, kernels, drop, plan_all_rounds(plan, kernels, predicted, self.config))
        return plan_all_rounds(plan, kernels, self._first_round(kernels), self.config)

    def _first_round(self, kernels: list[Kernel]) -> FirstRound:
        return first_round_of({kernel.id: self.store.samples(kernel.id) for kernel in kernels}, self.config.n)

    def _run_round(self, number: int, plan: Plan, kernels: list[Kernel], drop: OnFailure, rest: Plan) -> None:
        """Make the launches of one round; `rest` is the plan by which the time is told that is left."""
        for kernel in plan.in_round(kernels, number, self.config.seed, self.config.baseline):
            if kernel.id in self._failed:
                continue
            rounds = rest.rounds[kernel.id]
            history = self.store.samples(kernel.id)
            steps = steps_of_round(kernel, history, plan.modes[kernel.id], rounds, number, self.config)
            if steps:
                self._make(kernel, steps, number, drop, self._status(number, rest, kernels))

    def _run_further_rounds(self, plan: Plan, kernels: list[Kernel], drop: OnFailure) -> None:
        """Make rounds after the last for kernels that need more: blocks of rows that are left, and audits that fail."""
        number = plan.last_round
        while needy := [kernel for kernel in kernels if self._needs_more(kernel, plan)]:
            number += 1
            further = plan.with_round(number, [kernel.id for kernel in needy])
            self._run_round(number, further, needy, drop, further)

    def _needs_more(self, kernel: Kernel, plan: Plan) -> bool:
        mode, history = plan.modes.get(kernel.id), self.store.samples(kernel.id)
        if mode is None or kernel.id in self._failed:
            return False
        computed = sum(launch[0].rows for launch in launches_in(history, Purpose.MEASURE).values())
        if mode.blocks and computed < self.config.n:
            return True
        audits = audits_of(history)
        if not audits:
            return True
        return audits < MAX_AUDITS and bool(plausibility_failures(history, self.config.n, self._threads_of(kernel)))

    def _make(self, kernel: Kernel, steps: tuple[Step, ...], number: int, drop: OnFailure, status: Status) -> None:
        """Show what comes next, and make a kernel's launches up to the first that fails."""
        history = self.store.samples(kernel.id)
        predicted = [predicted_ns(step, history) for step in steps]
        expected_s = sum(ns for ns in predicted if ns is not None) / 1e9 if None not in predicted else None
        self.say(Progress(kernel, steps, status.stage, expected_s, self.store.launches, status.left_s, status.speedup))
        for step in steps:
            self._interrupt.check()
            if failed := self.sampler.sample(kernel, step, history, number):
                drop(kernel, failed)
                return

    def _status(self, number: int, plan: Plan, kernels: list[Kernel]) -> Status:
        active = [kernel.id for kernel in kernels if kernel.id not in self._failed]
        return Status(
            f"round {number} of {max(number, plan.last_round)}",
            left_s(plan, active, number, self.store.samples, self._walls_s),
            speedup_so_far(plan, self.store.samples, self.config),
        )

    def _threads_of(self, kernel: Kernel) -> int:
        return kernel.threads_of(self.config.threads)
