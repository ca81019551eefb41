"""Plan the rounds of a run: from its pilots how each kernel is measured, from its first round in which rounds. Pure.

The number of rounds is fixed before the second round, and never depends on how narrow an interval has become: to stop
when it is narrow makes it too narrow (at 95%, it then holds the time in 83 to 93% of simulated runs).
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.analysis.answer import MAX_WHOLE_S
from harness.analysis.estimate import launch_median
from harness.measure.effort import SCALES
from harness.measure.mode import Mode, mode_of
from harness.measure.pilot import Pace
from harness.model.config import Config
from harness.model.kernel import FMA_RUNGS, RUNGS, SERIAL_RUNGS, Kernel, by_main_toolchain
from harness.model.sample import Purpose, Sample, launches_in

PILOT_ROUND = 0
"""The number of the round of all pilots."""

FIRST_ROUND = 1
"""The first round in which kernels are measured: every kernel has a launch in it."""

CANDIDATES = 3
"""Kernels that may be the fast side of the headline: the fastest of the first round."""

MAX_CANDIDATE_RATIO = 10
"""Ratio to the fastest kernel's time up to which another is a candidate: pilots and a first launch on a busy machine
mislead by less. A run of three kernels would otherwise measure naive Python whole, again and again."""

CANDIDATE_NS = MAX_WHOLE_S * 1e9
"""Time of a whole product, in ns, up to which a candidate is measured whole."""

MIN_ROUNDS = 3
"""Rounds that a kernel keeps where time is short: two launches give an interval of 13 standard deviations."""

LONG_ROUND_S = 4.0
"""Wall time of a round of a middle rung, in seconds, from which on it keeps only MIN_LONG_ROUNDS."""

MIN_LONG_ROUNDS = 2
"""Rounds that the slowest middle rungs keep where time is short: without a second one, they would have no interval."""


@dataclass(frozen=True)
class Plan:
    """The mode and the rounds of each kernel, by its id.

    `fastest` is launched directly after the baseline in every round. `wanted_s` is the time that the rounds would take
    that were left out for want of time.
    """

    modes: Mapping[str, Mode]
    rounds: Mapping[str, tuple[int, ...]]
    fastest: str | None
    wanted_s: float = 0.0

    @property
    def last_round(self) -> int:
        """The number of the last round."""
        return max((rounds[-1] for rounds in self.rounds.values()), default=PILOT_ROUND)

    def with_round(self, number: int, names: Iterable[str]) -> Plan:
        """Return this plan with one more round of some kernels."""
        more = {name: (*self.rounds[name], number) for name in names}
        return replace(self, rounds={**self.rounds, **more})

    def in_round(self, kernels: Iterable[Kernel], number: int, seed: int, baseline: str) -> list[Kernel]:
        """Return the kernels of a round in their order: shuffled, the fastest directly after the baseline.

        A drift of the machine then affects all alike, and the two sides of the headline most alike.
        """
        order = [kernel for kernel in kernels if number in self.rounds.get(kernel.id, ())]
        random.Random(f"{seed} {number}").shuffle(order)
        ids = [kernel.id for kernel in order]
        if baseline in ids and self.fastest in ids and self.fastest != baseline:
            fastest = order.pop(ids.index(self.fastest))
            order.insert([kernel.id for kernel in order].index(baseline) + 1, fastest)
        return order


def plan_first_round(
    kernels: Sequence[Kernel], paces: Mapping[str, Pace], hints_ns: Mapping[str, float], config: Config
) -> Plan:
    """Return the plan of the first round, in which every kernel of known pace is launched.

    `hints_ns` is the time of a row of each kernel by the checks. It counts where no pilot found a kernel that can be
    measured whole: pilots of few rows can be misled by a cost per call.
    """
    candidates = fastest_candidates(kernels, {name: pace.row_ns * config.n for name, pace in paces.items()})
    if not candidates:
        candidates = fastest_candidates(kernels, {name: hints_ns[name] * config.n for name in paces})
        paces = {**paces, **{name: replace(paces[name], row_ns=hints_ns[name]) for name in candidates}}
    scale, rungs = SCALES[config.effort], _rungs_of(kernels, candidates)
    modes = {
        kernel.id: mode_of(
            paces[kernel.id],
            kernel.rung,
            config.n,
            kernel.threads_of(config.threads),
            _whole_up_to_ns(kernel.default_id in rungs, scale.whole_ns, config),
            scale,
        )
        for kernel in kernels
        if kernel.id in paces
    }
    return Plan(modes, dict.fromkeys(modes, (FIRST_ROUND,)), candidates[0] if candidates else None)


def _whole_up_to_ns(candidate: bool, whole_ns: float, config: Config) -> float:
    if config.full:
        return math.inf
    return max(whole_ns, CANDIDATE_NS) if candidate else whole_ns


def fastest_candidates(kernels: Iterable[Kernel], whole_ns: Mapping[str, float]) -> list[str]:
    """Return the processors' fastest kernels of multiply-adds in float64 that can be measured whole, in order."""
    eligible = [
        kernel.id
        for kernel in by_main_toolchain(kernels)
        if kernel.rung in FMA_RUNGS and not kernel.on_gpu and whole_ns.get(kernel.id, math.inf) < CANDIDATE_NS
    ]
    fastest_first = sorted(eligible, key=lambda name: whole_ns[name])[:CANDIDATES]
    return [name for name in fastest_first if whole_ns[name] <= MAX_CANDIDATE_RATIO * whole_ns[fastest_first[0]]]


def _rungs_of(kernels: Iterable[Kernel], names: Iterable[str]) -> set[str]:
    """Return what kernels of these names share with the same rungs by other toolchains, which have the same rounds."""
    names = set(names)
    return {kernel.default_id for kernel in kernels if kernel.id in names}


@dataclass(frozen=True)
class FirstRound:
    """What the first round showed, by kernel: the times of whole products, and the wall time of the launches.

    `spent_s` is the wall time of all launches so far.
    """

    whole_ns: Mapping[str, float]
    walls_s: Mapping[str, float]
    spent_s: float


def first_round_of(samples: Mapping[str, Sequence[Sample]], n: int) -> FirstRound:
    """Return what the samples of the pilots and of the first round show."""
    early = {name: [sample for sample in taken if sample.round <= FIRST_ROUND] for name, taken in samples.items()}
    measured = {name: list(launches_in(taken, Purpose.MEASURE).values()) for name, taken in early.items()}
    walls_ns = {sample.launch: sample.launch_wall_ns for taken in early.values() for sample in taken}
    return FirstRound(
        {
            name: launch_median(launches[0])
            for name, launches in measured.items()
            if launches and launches[0][0].rows == n
        },
        {name: sum(launch[0].launch_wall_ns for launch in launches) / 1e9 for name, launches in measured.items()},
        sum(walls_ns.values()) / 1e9,
    )


def predicted_first_round(plan: Plan, paces: Mapping[str, Pace], n: int, spent_s: float) -> FirstRound:
    """Return what the first round will show, by the pilots."""
    walls_s = {name: wall_ns(paces[name], mode) / 1e9 for name, mode in plan.modes.items()}
    whole_ns = {name: paces[name].row_ns * n for name, mode in plan.modes.items() if mode.rows == (n,)}
    return FirstRound(whole_ns, walls_s, spent_s + sum(walls_s.values()))


def wall_ns(pace: Pace, mode: Mode) -> float:
    """Return about how long a kernel's launches of one round take, in ns, by its pilots."""
    return sum(pace.outside_ns + mode.reps * rows * pace.row_ns for rows in mode.rows)


def plan_all_rounds(plan: Plan, kernels: Sequence[Kernel], first: FirstRound, config: Config) -> Plan:
    """Return the plan of all rounds, from that of the first round and from what it showed."""
    planned = [kernel for kernel in kernels if kernel.id in plan.modes]
    candidates = fastest_candidates(planned, first.whole_ns)
    leading = _rungs_of(planned, (*candidates, config.baseline))
    walls_s = {kernel.id: first.walls_s.get(kernel.id, 0.0) for kernel in planned}
    wanted = {
        kernel.id: _wanted_rounds(kernel, leading, plan.modes[kernel.id], walls_s[kernel.id], config)
        for kernel in planned
    }
    counts = _affordable(wanted, walls_s, SCALES[config.effort].limit_s - first.spent_s)
    return Plan(
        plan.modes,
        {kernel.id: spread(counts[kernel.id], config.rounds, RUNGS.index(kernel.rung)) for kernel in planned},
        candidates[0] if candidates else None,
        sum((wanted[name].count - count) * walls_s[name] for name, count in counts.items()),
    )


@dataclass(frozen=True)
class _Wanted:
    """The rounds that a kernel shall have, whether it has them even where time is short, and whether it is compared by
    them."""

    count: int
    leads: bool
    by_rounds: bool = False


def _wanted_rounds(kernel: Kernel, leading: set[str], mode: Mode, wall_s: float, config: Config) -> _Wanted:
    scale = SCALES[config.effort]
    if config.full and (mode.blocks or wall_s * 1e9 > CANDIDATE_NS):
        return _Wanted(1, leads=True)  # --full asks for a slow kernel to be measured whole, once
    if kernel.default_id in leading:
        return _Wanted(config.rounds, leads=True)
    if kernel.variant in SERIAL_RUNGS:
        return _Wanted(min(scale.serial_rounds, config.rounds), leads=True)
    by_rounds = kernel.rung in (*SERIAL_RUNGS, "packed", "library")
    rounds = scale.packed_rounds if by_rounds else scale.other_rounds
    return _Wanted(min(rounds, config.rounds), leads=False, by_rounds=by_rounds)


def _affordable(wanted: Mapping[str, _Wanted], walls_s: Mapping[str, float], left_s: float) -> dict[str, int]:
    """Return the number of rounds of each kernel: as wanted, or fewer of those that do not lead.

    The kernels with most rounds lose one first, and those whose rounds are long lose the last.
    """
    counts = {name: each.count for name, each in wanted.items()}
    least = {
        name: MIN_ROUNDS if each.by_rounds or walls_s[name] < LONG_ROUND_S else MIN_LONG_ROUNDS
        for name, each in wanted.items()
        if not each.leads
    }
    while sum((count - 1) * walls_s[name] for name, count in counts.items()) > left_s:
        most = max((counts[name] for name, count in least.items() if counts[name] > count), default=0)
        if not most:
            break
        for name, count in least.items():
            if counts[name] == most > count:
                counts[name] -= 1
    return counts


def spread(count: int, rounds: int, shift: int) -> tuple[int, ...]:
    """Return `count` of the rounds 1 to `rounds`: the first, and others evenly spread.

    `shift` is a number by which kernels of one rung share their rounds, so that they can be compared round by round,
    and different rungs have different ones, so that all rounds take about as long.
    """
    if count < 2:
        return (FIRST_ROUND,)
    width = (rounds - FIRST_ROUND) / (count - 1)
    start = FIRST_ROUND + 1 + shift % max(1, int(width))
    return (FIRST_ROUND, *(start + int(i * width) for i in range(count - 1)))
