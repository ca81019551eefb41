"""Experiment on simulated machines: whole runs without processes, by the program's own plan and analysis.

A machine is drawn at random: its cores, the speed of its loops and of its vectors, and its noise. Each run of the
simulation goes through pilots, plan, rounds, rows and answer as a real one does; only the launches are computed.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from harness.analysis.answer import MAX_WHOLE_S, answer_of
from harness.analysis.estimate import estimates_of
from harness.analysis.rows import rows_of
from harness.measure.pilot import Pace, has_costly_calls, pilot
from harness.measure.plan import FIRST_ROUND, PILOT_ROUND, Plan, first_round_of, plan_all_rounds, plan_first_round
from harness.measure.schedule import steps_of_round
from harness.model.answer import Answer
from harness.model.config import LEADING_ROUNDS, Config, Effort
from harness.model.kernel import SERIAL_RUNGS, Kernel, Toolchain
from harness.model.sample import Sample, Step
from harness.selftest.case import Case
from harness.util.console import Console

N = 4096

MACHINES_PER_TRIAL = 50

LADDER = {
    "python/naive": 25_000.0,
    "python/interchange": 9_000.0,
    "c/naive": 280.0,
    "c/interchange": 38.0,
    "c/parallel": 20.0,
    "c/divide": 11.0,
    "c/vector": 4.0,
    "c/packed": 2.1,
    "c/strassen": 1.8,
    "c/library-openblas": 2.0,
    "rust/packed": 2.2,
    "zig/packed": 2.15,
}
"""Seconds of a whole product at n = 4096 on a machine of two cores with AVX2, about: the kernels of a simulated run."""


@dataclass(frozen=True)
class Machine:
    """A simulated machine: times relative to LADDER, and how they vary.

    `loops` multiplies the times of kernels that wait for memory, `vectors` those of the others. `drift` and `scatter`
    are standard deviations of logarithms, of rounds and of launches; a launch is disturbed with probability `bursts`
    and then takes up to twice as long. A first call takes `warm_up_s` more, a call has a cost of `fixed` of a whole
    product, and a launch takes `start_s` outside its calls.
    """

    processors: int
    loops: float
    vectors: float
    drift: float
    scatter: float
    bursts: float
    warm_up_s: float
    fixed: float
    start_s: float

    def whole_s(self, kernel: Kernel) -> float:
        """Return the time of a whole product, in seconds, on an undisturbed machine."""
        serial = kernel.rung in SERIAL_RUNGS
        cores = min(2.0, self.processors) / self.processors if kernel.threaded else 1.0
        return LADDER[kernel.id] * (self.loops if serial else self.vectors) * cores * (1 if self.processors > 1 else 2)


def draw(chance: random.Random) -> Machine:
    """Return a machine: slow or fast, quiet or noisy, of one core or many."""
    return Machine(
        processors=chance.choice([1, 2, 2, 4, 8, 16, 64]),
        loops=math.exp(chance.uniform(math.log(0.3), math.log(4))),
        vectors=math.exp(chance.uniform(math.log(0.2), math.log(40))),
        drift=chance.choice([0.0, 0.03, 0.1, 0.3]),
        scatter=chance.choice([0.005, 0.02, 0.05, 0.15]),
        bursts=chance.choice([0.0, 0.05, 0.2]),
        warm_up_s=chance.choice([0.0, 0.02, 0.2]),
        fixed=chance.choice([0.0, 0.05, 0.3]),
        start_s=math.exp(chance.uniform(math.log(0.005), math.log(3))),
    )


def machines(config: Config, trials: int, console: Console) -> Iterator[Case]:
    """Yield a case for each simulated machine.

    `flagged` is true if the fast side of its headline is an estimate, which must never be; `different` if there is no
    headline although a kernel that could be its fast side takes less than a minute, which must be rare. `covered` tells
    whether the interval holds the machine's true ratio.
    """
    for number in range(trials * MACHINES_PER_TRIAL):
        console.status(f"  machines: {number + 1} of {trials * MACHINES_PER_TRIAL}")
        chance = random.Random(f"{config.seed} {number} machine")
        machine = draw(chance)
        settings = replace(
            config,
            n=N,
            threads=machine.processors,
            effort=Effort.DEFAULT,
            rounds=LEADING_ROUNDS[Effort.DEFAULT],
            full=False,
            baseline="python/naive",
            seed=number,
        )
        yield case_of(machine, answer_on(machine, settings, chance), number)


def case_of(machine: Machine, answer: Answer, number: int) -> Case:
    """Judge the answer of a simulated run."""
    kernels = kernels_of_ladder()
    fast_s = min(machine.whole_s(kernel) for kernel in kernels if kernel.rung == "packed")
    fast, bounds = answer.fastest, answer.speedup.interval if answer.speedup else None
    covered = False
    if fast and bounds:
        true = {kernel.id: machine.whole_s(kernel) for kernel in kernels}
        covered = bounds.low <= true["python/naive"] / true[fast.kernel] <= bounds.high
    return Case(
        "machines",
        f"machine {number}, {machine.processors} processors",
        different=fast is None and fast_s < 0.8 * MAX_WHOLE_S,
        flagged=fast is not None and fast.estimated,
        covered=covered,
        half_width=bounds.half_width if bounds else 0.0,
        scatter=answer.precision.baseline_scatter if answer.precision else 0.0,
    )


def answer_on(machine: Machine, config: Config, chance: random.Random) -> Answer:
    """Return the answer of a run on a simulated machine."""
    kernels = kernels_of_ladder()
    samples: dict[str, list[Sample]] = {kernel.id: [] for kernel in kernels}
    simulated = _Launches(machine, config, chance, samples)
    paces: dict[str, Pace] = {}
    hints_ns: dict[str, float] = {}
    for kernel in kernels:
        hint_ns = hints_ns[kernel.id] = machine.whole_s(kernel) * 1e9 / N * chance.uniform(0.1, 1.5)
        threads, costly = kernel.threads_of(config.threads), has_costly_calls(kernel)
        while isinstance(step := pilot(samples[kernel.id], N, threads, hint_ns, costly), Step):
            simulated.launch(kernel, step, PILOT_ROUND)
        paces[kernel.id] = step
    plan = plan_first_round(kernels, paces, hints_ns, config)
    simulated.run_round(kernels, plan, FIRST_ROUND)
    plan = plan_all_rounds(plan, kernels, first_round_of(samples, N), config)
    for number in range(FIRST_ROUND + 1, plan.last_round + 1):
        simulated.run_round(kernels, plan, number)
    estimates = estimates_of(samples, N)
    return answer_of(rows_of(kernels, samples, estimates, config), estimates, config)


def kernels_of_ladder() -> list[Kernel]:
    """Return the kernels of a simulated run."""
    return [_kernel(*name.split("/")) for name in LADDER]


def _kernel(language: str, variant: str) -> Kernel:
    rung = variant.split("-", 1)[0]
    toolchain = Toolchain(language, (), (), (), "")
    threaded = rung not in SERIAL_RUNGS
    return Kernel(language, language, variant, Path(language), "", (), (), "", "", toolchain, threaded, (), rung)


@dataclass
class _Launches:
    """The launches of a simulated run, whose samples go to `samples`."""

    machine: Machine
    config: Config
    chance: random.Random
    samples: dict[str, list[Sample]]

    def __post_init__(self) -> None:
        self._number = 0
        self._speeds: dict[int, float] = {}

    def run_round(self, kernels: list[Kernel], plan: Plan, number: int) -> None:
        """Make the launches of a round in their order."""
        for kernel in plan.in_round(kernels, number, self.config.seed, self.config.baseline):
            mode, rounds = plan.modes[kernel.id], plan.rounds[kernel.id]
            for step in steps_of_round(kernel, self.samples[kernel.id], mode, rounds, number, self.config):
                self.launch(kernel, step, number)

    def launch(self, kernel: Kernel, step: Step, number: int) -> None:
        """Make one launch: its calls take the time of their rows, by the speed of the round and of the launch."""
        machine, chance = self.machine, self.chance
        speed = self._speeds.setdefault(number, math.exp(chance.gauss(0, machine.drift)))
        slowdown = speed * math.exp(chance.gauss(0, machine.scatter))
        if chance.random() < machine.bursts:
            slowdown *= chance.uniform(1, 2)
        fixed_s = 0.0 if kernel.rung in SERIAL_RUNGS else machine.fixed * machine.whole_s(kernel)
        rows_s = machine.whole_s(kernel) - fixed_s
        call_s = (fixed_s + rows_s * step.rows / N) * slowdown
        warm_up_s = machine.warm_up_s if kernel.language != "python" else 0.0  # an interpreter has none
        times_ns = [int(1e9 * (call_s + warm_up_s * (rep == 0))) + 1 for rep in range(step.reps)]
        wall_ns = sum(times_ns) + int(1e9 * machine.start_s * speed)
        threads = kernel.threads_of(self.config.threads)
        self.samples[kernel.id] += [
            Sample(
                kernel=kernel.id,
                launch=self._number,
                rep=rep,
                reps=step.reps,
                purpose=step.purpose,
                n=N,
                rows=step.rows,
                row0=step.row0,
                threads=threads,
                ns=ns,
                sha256="",
                started_at="",
                launch_wall_ns=wall_ns,
                launch_cpu_ns=wall_ns * threads,
                peak_rss_bytes=2**28,
                minor_faults=0,
                major_faults=0,
                involuntary_switches=0,
                round=number,
                at_work=threads,
                looks=20,
            )
            for rep, ns in enumerate(times_ns)
        ]
        self._number += 1
