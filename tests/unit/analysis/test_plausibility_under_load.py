"""Simulate kernels on a machine whose speed and load change with every launch: lies keep their names, honest ones pass.

For each launch, the machine computes at half to all of its speed, and other work makes it wait for a processor for up
to half of the time. The first stretches wall time and processor time, the second only wall time.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import pytest

from harness.analysis.plausibility import MAX_AUDITS, plausibility_failures
from harness.model.sample import Purpose, Sample
from tests import factories

N = 230
RUNS = 500
HONEST_RUNS = 1000
ROUNDS = 3


@dataclass(frozen=True)
class Simulated:
    """A kernel: its times in s on an undisturbed machine at full speed, for all rows.

    Each launch takes `start_s`, loads for up to `load_s`, and works for `before_s` before its clock starts; each call
    takes `call_s` and reports `reported` of it; the first one compiles for `compile_s` as well. `extra` is the
    processor time of a runtime's own threads relative to that of the calls; `scatter` is the standard deviation of the
    logarithm of a call's time. With `shared`, only the first call computes, and all report an equal part of its time.
    """

    call_s: float
    calls: int
    start_s: float = 0.02
    load_s: float = 0.0
    before_s: float = 0.0
    reported: float = 1.0
    compile_s: float = 0.0
    threads: int = 1
    extra: float = 0.0
    scatter: float = 0.03
    shared: bool = False

    def launch(self, rng: random.Random, number: int, purpose: Purpose, rows: int, calls: int, round: int):
        """Return the samples of one launch."""
        speed, waits = rng.uniform(0.5, 1), rng.uniform(1, 2)
        part = 0.0 if purpose == Purpose.START else rows / N
        b_and_rows = 0.0 if purpose == Purpose.START else (1 + 2 * part) / 3
        wall_s = self.start_s * math.exp(rng.gauss(0, 0.05)) + self.load_s * b_and_rows + self.before_s * part
        cpu_s, times_ns = wall_s, []
        for call in range(1 if self.shared else calls):
            compile_s = 0.0 if call else self.compile_s
            call_s = self.call_s * part * math.exp(rng.gauss(0, self.scatter)) + compile_s
            times_ns.append(max(1.0, 1e9 * call_s * self.reported * waits / speed))
            wall_s += call_s
            cpu_s += call_s * self.threads * (1 + self.extra) + 0.7 * compile_s
        if self.shared:
            times_ns = [times_ns[0] / calls] * calls
        measured = {
            "launch_wall_ns": int(1e9 * wall_s * waits / speed) + calls,
            "launch_cpu_ns": int(1e9 * cpu_s / speed),
        }
        return factories.launch(times_ns, number, purpose=purpose, n=N, rows=rows, round=round, **measured)

    def run(self, rng: random.Random) -> str:
        """Return the first check that the kernel fails in a run, or an empty string."""
        samples: list[Sample] = []

        def failed() -> str:
            return next((failure.check for failure in plausibility_failures(samples, N, self.threads)), "")

        def add(purpose: Purpose, rows: int, calls: int, round: int = 0) -> None:
            samples.extend(self.launch(rng, len(samples), purpose, rows, calls, round))

        for purpose, rows, calls in ((Purpose.PILOT, 3, 6), (Purpose.PILOT, 60, 6), *[(Purpose.START, 1, 1)] * 2):
            add(purpose, rows, calls)
        audits = 0
        for round in range(ROUNDS):
            add(Purpose.MEASURE, N, self.calls, round)
            if audits < MAX_AUDITS and (not audits or failed()):
                add(Purpose.THREADS, N, max(4, self.calls), round)
                add(Purpose.AUDIT, N, 1, round)
                add(Purpose.AUDIT, N // 32, 1, round)
                audits += 1
        return failed()


def shares_of(checks: list[str], kernel: Simulated, runs: int = RUNS) -> list[float]:
    """Return the shares of a kernel's runs that end with each of these checks."""
    rng = random.Random(1)
    ends = [kernel.run(rng) for _ in range(runs)]
    return [ends.count(check) / runs for check in checks]


SLOW_CLOCK = {
    "two calls": Simulated(call_s=0.25, calls=2, reported=0.5),
    "short calls": Simulated(call_s=0.1, calls=13, reported=0.5),
    "work after each call": Simulated(call_s=0.25, calls=8, reported=0.33),
    "all work after each call": Simulated(call_s=0.1, calls=12, reported=1e-5, scatter=0.5),
}
UNTIMED_WORK = {
    "before the clock": Simulated(call_s=4e-4, calls=12, before_s=0.25, scatter=0.3),
    "a product after all calls": Simulated(call_s=1e-6, calls=12, before_s=0.25, scatter=0.5),
}
SHARED = {
    "two calls": Simulated(call_s=0.3, calls=2, shared=True),
    "five calls": Simulated(call_s=0.3, calls=5, shared=True),
}
HONEST = {
    "one thread": Simulated(call_s=0.1, calls=2),
    "one thread, many calls": Simulated(call_s=0.02, calls=20),
    "two threads": Simulated(call_s=0.05, calls=7, threads=2),
    "a JIT with threads that compile": Simulated(call_s=0.03, calls=20, start_s=0.1, compile_s=0.3, scatter=0.1),
    "a JIT with long calls": Simulated(call_s=0.2, calls=2, start_s=0.3, compile_s=0.4, scatter=0.1),
    "a collector of garbage": Simulated(call_s=0.05, calls=7, extra=0.25, scatter=0.15),
    "a collector of garbage, two threads": Simulated(call_s=0.05, calls=7, threads=2, extra=0.25, scatter=0.15),
    "a slow start": Simulated(call_s=0.05, calls=14, start_s=0.7),
    "slow loading": Simulated(call_s=0.1, calls=7, load_s=0.3),
}

SHORT = {
    "clock": Simulated(call_s=0.1, calls=2, reported=0.5),
    "untimed-work": Simulated(call_s=2e-4, calls=12, before_s=0.1, scatter=0.3),
}
"""Lies of 0.1 s in all: what they hide is no more than what a start at half the speed takes in 1 of 40 runs."""


@pytest.mark.parametrize("lie", SLOW_CLOCK)
def test_slow_clock_keeps_its_name_under_load(lie):
    [named] = shares_of(["clock"], SLOW_CLOCK[lie])

    assert named >= 0.99


@pytest.mark.parametrize("lie", UNTIMED_WORK)
def test_untimed_work_keeps_its_name_under_load(lie):
    [named] = shares_of(["untimed-work"], UNTIMED_WORK[lie])

    assert named >= 0.99


@pytest.mark.parametrize("lie", SHARED)
def test_calls_that_share_one_computation_are_caught_under_load(lie):
    [passed] = shares_of([""], SHARED[lie])

    assert passed <= 0.1


@pytest.mark.parametrize("name", SHORT)
def test_short_lie_is_named_or_not_seen_under_load(name):
    named, unseen = shares_of([name, ""], SHORT[name])

    assert named >= 0.95 and named + unseen >= 0.99


@pytest.mark.parametrize("kernel", HONEST)
def test_honest_kernel_is_not_accused_under_load(kernel):
    [passed] = shares_of([""], HONEST[kernel], HONEST_RUNS)

    assert passed >= 0.999
