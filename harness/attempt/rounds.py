"""Measure a tried kernel and the rungs beside it, in rounds in which each has its turn."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from harness.measure.effort import SCALES
from harness.measure.mode import Mode, mode_of
from harness.measure.pilot import Pace, has_costly_calls, pilot
from harness.measure.plan import FIRST_ROUND, PILOT_ROUND
from harness.measure.sampler import Sampler
from harness.measure.schedule import measuring_steps, steps_of_round
from harness.model.config import Config, Effort
from harness.model.job import Failed, Progress
from harness.model.kernel import Kernel
from harness.model.sample import Step
from harness.store.sample_log import SampleLog
from harness.util.console import Console

FILE_ROUNDS = 6
"""Rounds of every kernel beside a single file: an interval by signed ranks needs as many, and somebody waits for it."""

CLASS_ROUNDS = 8
"""The same beside the entries of a folder, which are ranked: with eight, one disturbed round does not decide the width
of an interval."""

SCALE = replace(SCALES[Effort.QUICK], rows_ns=50e6, row_fraction=0.5, level_ratio=3)
"""Calls on some of the rows are shorter than in a quick run: all kernels are level in that, and somebody waits."""

MAX_KEPT = 60
"""Kernels whose containers are kept for later launches, at most: each takes some ten megabytes of the engine."""


@dataclass
class AttemptRounds:
    """Measure kernels on one problem. `failures` has those that failed, and why; they are not launched again.

    `hints_ns` is the time of one multiply-add of each kernel, from its checks.
    """

    config: Config
    store: SampleLog
    sampler: Sampler
    hints_ns: dict[str, float]
    console: Console
    failures: dict[str, Failed] = field(default_factory=dict)
    _kept: set[str] = field(default_factory=set)

    def paces(self, kernels: Sequence[Kernel]) -> dict[str, Pace]:
        """Measure by pilots how long each kernel takes; those that fail are left out."""
        found = {}
        for kernel in kernels:
            threads = kernel.threads_of(self.config.threads)
            hint_ns = self.hints_ns[kernel.id] * self.config.n**2
            while kernel.id not in self.failures:
                history = self.store.samples(kernel.id)
                step = pilot(history, self.config.n, threads, hint_ns, has_costly_calls(kernel))
                if isinstance(step, Pace):
                    found[kernel.id] = step
                    break
                self._launch(kernel, (step,), PILOT_ROUND, "pilots")
        return found

    def run(
        self,
        owns: Sequence[Kernel],
        others: Sequence[Kernel],
        paces: dict[str, Pace],
        after_round: Callable[[], None],
    ) -> None:
        """Launch the kernels of known pace in all rounds, in another order each time; call back after each.

        Only `owns`, which are tried, have launches that show whether their reports can be true.
        """
        numbers = range(FIRST_ROUND, FIRST_ROUND + self.config.rounds)
        kernels = list(dict.fromkeys([*owns, *others]))
        modes = {kernel.id: self._mode(kernel, paces[kernel.id]) for kernel in kernels if kernel.id in paces}
        for number in numbers:
            for kernel in self._shuffled(kernels, number):
                if kernel.id in modes and kernel.id not in self.failures:
                    history, mode = self.store.samples(kernel.id), modes[kernel.id]
                    if kernel in owns:
                        steps = steps_of_round(kernel, history, mode, numbers, number, self.config)
                    else:
                        steps = tuple(measuring_steps(kernel, history, mode, number, self.config))
                    self._launch(kernel, steps, number, f"round {number} of {numbers[-1]}")
            after_round()

    def _mode(self, kernel: Kernel, pace: Pace) -> Mode:
        threads = kernel.threads_of(self.config.threads)
        return mode_of(pace, kernel.rung, self.config.n, threads, SCALE.whole_ns, SCALE)

    def _shuffled(self, kernels: Sequence[Kernel], number: int) -> Iterator[Kernel]:
        yield from random.Random(f"{self.config.seed} {number}").sample(kernels, len(kernels))

    def _launch(self, kernel: Kernel, steps: tuple[Step, ...], number: int, stage: str) -> None:
        if kernel.id not in self._kept and len(self._kept) >= MAX_KEPT:
            self.sampler.release()
            self._kept.clear()
        self._kept.add(kernel.id)
        self.console.measuring(Progress(kernel, steps, stage, None, self.store.launches))
        for step in steps:
            if failed := self.sampler.sample(kernel, step, self.store.samples(kernel.id), number):
                self.failures[kernel.id] = failed
                return
