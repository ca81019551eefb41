"""Measure kernels in rounds: each round makes the next launches of every kernel, in a shuffled order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from harness.measure.budget import allocate_extra_rounds
from harness.measure.pilot import predicted_ns
from harness.measure.progress import half_width, kernel_progress
from harness.measure.sampler import Sampler
from harness.measure.schedule import next_steps, shuffled
from harness.model.config import Config
from harness.model.job import Failed, Progress
from harness.model.kernel import Kernel
from harness.model.sample import Sample, Step
from harness.store.sample_log import SampleLog
from harness.util.interrupt import DeferredInterrupt

OnFailure = Callable[[Kernel, Failed], None]
"""Called with each kernel that fails while it is measured."""


@dataclass
class Rounds:
    """Measure kernels on one problem until each is done, and continue from the samples already in `store`.

    `hints_ns` is a first guess of the time of a row of each kernel, `say` shows the progress before each round of a
    kernel. With `reallocate_unused_budget`, the budget that a kernel leaves unused pays for rounds of others.
    """

    config: Config
    store: SampleLog
    sampler: Sampler
    hints_ns: dict[str, float]
    say: Callable[[Progress], None]
    reallocate_unused_budget: bool = True

    def __post_init__(self) -> None:
        self._round = self.store.next_round()
        self._interrupt = DeferredInterrupt()

    def run(self, kernels: list[Kernel], on_failure: OnFailure) -> None:
        """Measure all of `kernels` to their end. Raises HarnessError if a sample cannot be stored."""
        remaining = list(kernels)

        def drop(kernel: Kernel, failed: Failed) -> None:
            remaining.remove(kernel)
            on_failure(kernel, failed)

        try:
            with self._interrupt:
                self.sampler.warm(kernels)
                self._run_rounds(kernels, {}, drop)
                if self.reallocate_unused_budget:
                    self._run_extra_rounds(remaining, drop)
        finally:
            self.sampler.release()

    def _run_extra_rounds(self, remaining: list[Kernel], on_failure: OnFailure) -> None:
        """Spend the unused budget, one allocation at a time; `on_failure` removes a kernel from `remaining`."""
        granted: dict[str, int] = {}
        while extra := allocate_extra_rounds(kernel_progress(remaining, self.store.samples, self.config), self.config):
            granted |= extra
            self._run_rounds([kernel for kernel in remaining if kernel.id in extra], granted, on_failure)

    def _run_rounds(self, kernels: list[Kernel], granted: dict[str, int], on_failure: OnFailure) -> None:
        """Make rounds until every kernel is done; `granted` has the rounds that a kernel gets beyond its budget."""
        active = list(kernels)
        while active:
            for kernel in shuffled(active, self.config.seed, self._round):
                history = self.store.samples(kernel.id)
                steps = self._next_steps(kernel, history, granted.get(kernel.id, 0))
                if not steps:
                    active.remove(kernel)
                    continue
                self.say(self._progress(kernel, steps, history, active))
                if failed := self._run_steps(kernel, steps, history):
                    on_failure(kernel, failed)
                    active.remove(kernel)
            self._round += 1

    def _next_steps(self, kernel: Kernel, history: list[Sample], granted: int) -> tuple[Step, ...]:
        threads = kernel.threads_of(self.config.threads)
        precision = partial(half_width, config=self.config)
        return next_steps(history, self.config, threads, self.hints_ns[kernel.id], precision, granted)

    def _run_steps(self, kernel: Kernel, steps: tuple[Step, ...], history: list[Sample]) -> Failed | None:
        """Make the launches of one round of a kernel, up to the first that fails."""
        for step in steps:
            self._interrupt.check()
            if failed := self.sampler.sample(kernel, step, history, self._round):
                return failed
        return None

    def _progress(
        self, kernel: Kernel, steps: tuple[Step, ...], history: list[Sample], active: list[Kernel]
    ) -> Progress:
        predicted = [predicted_ns(step, history) for step in steps]
        left_s, launches = 0.0, 0
        for other in active:
            walls_ns = {sample.launch: sample.launch_wall_ns for sample in self.store.samples(other.id)}
            left_s += max(0.0, self.config.budget_s - sum(walls_ns.values()) / 1e9)
            launches += len(walls_ns)
        total_s = sum(value for value in predicted if value is not None) / 1e9
        return Progress(kernel, steps, total_s if None not in predicted else None, launches, left_s)
