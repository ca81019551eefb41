"""Tell how far the measuring of a run has come: the time that is left, and the answer so far. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import mean

from harness.analysis.estimate import estimate_time
from harness.analysis.intervals import ratio
from harness.measure.plan import Plan
from harness.model.config import Config
from harness.model.sample import Purpose, Sample

SamplesOf = Callable[[str], Sequence[Sample]]
"""Returns the samples of a kernel so far."""


def left_s(
    plan: Plan, active: Sequence[str], number: int, samples_of: SamplesOf, walls_s: Mapping[str, float]
) -> float:
    """Return about how long the launches take that are left, in seconds, in round `number` and later.

    `walls_s` is the predicted wall time of a round's launches of each kernel, for kernels that have none yet.
    """
    total_s = 0.0
    for name in active:
        walls_ns: dict[int, int] = {}
        launches: set[int] = set()
        for sample in samples_of(name):
            if sample.purpose == Purpose.MEASURE and sample.launch not in launches:
                launches.add(sample.launch)
                walls_ns[sample.round] = walls_ns.get(sample.round, 0) + sample.launch_wall_ns
        wall_s = mean(walls_ns.values()) / 1e9 if walls_ns else walls_s.get(name, 0.0)
        total_s += wall_s * sum(planned >= number and planned not in walls_ns for planned in plan.rounds.get(name, ()))
    return total_s


def speedup_so_far(plan: Plan, samples_of: SamplesOf, config: Config) -> float | None:
    """Return how many times faster than the baseline the fastest kernel is; None before both were measured."""
    if plan.fastest is None or plan.fastest == config.baseline:
        return None
    slow, fast = (estimate_time(samples_of(name), config.n) for name in (config.baseline, plan.fastest))
    return ratio(slow, fast, config.confidence)[0] if slow and fast else None
