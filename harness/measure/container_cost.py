"""What a container costs: the same artefact inside one, inside without the filter of system calls, and outside."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.analysis.intervals import paired
from harness.execute.docker import DockerExecutor
from harness.execute.executor import Executor, RunError
from harness.execute.invocation import Launch, launch_all
from harness.execute.native import NativeExecutor
from harness.model.config import Config
from harness.model.errors import HarnessError
from harness.model.job import Fault, Folders
from harness.model.kernel import Kernel
from harness.model.run_record import ContainerCost
from harness.model.sample import Problem
from harness.prepare.build import home_of
from harness.prepare.inputs import Inputs, prepare
from harness.prepare.verify import compare, digest
from harness.util.scratch import emptied

KERNELS = ("python/naive", "c/naive", "go/naive")
"""An interpreter, a program on the C library, and one without: Linux's filter has been seen to halve the first's speed
and to leave the others alone (PlummersSoftwareLLC/Primes, issue 570)."""

N = 512

CALL_NS = 20e6

ROUNDS = 6

REPS = 3

INSIDE, UNCONFINED, OUTSIDE = "inside", "without the filter of system calls", "outside the container"


@dataclass(frozen=True)
class _Place:
    """Where a kernel is run, and the folder that it may write to there."""

    executor: Executor
    work: Path


def measure_costs(
    kernels: list[Kernel],
    executor: DockerExecutor,
    config: Config,
    step_ns: dict[str, float],
    scratch: Path,
    cpus: tuple[int, ...],
) -> list[ContainerCost]:
    """Measure those of KERNELS that are in the run, in rounds; `step_ns` is about the time of a multiply-add."""
    limits, pages = config.limits, config.pages
    places = {
        INSIDE: _Place(executor, scratch / "container"),
        UNCONFINED: _Place(DockerExecutor(config.build_dir, limits, pages, seccomp=False), scratch / "unconfined"),
        OUTSIDE: _Place(NativeExecutor(config.build_dir, config.limits, pages), scratch / "outside"),
    }
    try:
        wanted = [kernel for kernel in kernels if kernel.id in KERNELS]
        return [cost for kernel in wanted for cost in _costs(kernel, places, config, step_ns[kernel.id], cpus)]
    finally:
        for place in places.values():
            place.executor.release()


def _costs(
    kernel: Kernel, places: dict[str, _Place], config: Config, step_ns: float, cpus: tuple[int, ...]
) -> Iterator[ContainerCost]:
    inputs = prepare(N, config.seed, config.build_dir)
    problem = Problem(N, max(1, min(N, round(CALL_NS / step_ns / N**2))))
    artefact = home_of(kernel, places[INSIDE].executor, config.build_dir) / "artefact"
    times: dict[str, dict[int, float]] = {name: {} for name in places}
    reasons = {} if kernel.run.strip() == "{out}" else {OUTSIDE: "what runs it is in its image only"}
    for round_number in range(ROUNDS):
        for name in random.Random(f"{config.seed} {kernel.id} {round_number}").sample(list(places), len(places)):
            if name not in reasons:
                folders = Folders(kernel.folder, artefact, inputs.folder, emptied(places[name].work))
                found = _fastest(kernel, places[name].executor, folders, inputs, problem, config, cpus)
                if isinstance(found, str):
                    reasons[name] = found
                else:
                    times[name][round_number] = found
    for name in (UNCONFINED, OUTSIDE):
        if reason := reasons.get(INSIDE) or reasons.get(name):
            yield ContainerCost(kernel.id, name, reason=reason)
        else:
            ratio = paired(times[name], times[INSIDE], config.resamples, config.confidence)
            yield ContainerCost(kernel.id, name, ratio.value, ratio.low, ratio.high)


def _fastest(
    kernel: Kernel,
    executor: Executor,
    folders: Folders,
    inputs: Inputs,
    problem: Problem,
    config: Config,
    cpus: tuple[int, ...],
) -> float | str:
    """The fastest later call of one launch, in ns; or why there is none."""
    launch = Launch(problem, 1, REPS)
    try:
        [outcome] = launch_all(kernel, executor, folders, [launch], config.limits.timeout_s, cpus, keep=True)
    except (RunError, HarnessError) as error:
        return str(error)
    if outcome.fault:
        return outcome.fault.reason
    expected = inputs.expected(problem)
    verdict = compare(outcome.output, expected, digest(expected))
    return verdict.reason if isinstance(verdict, Fault) else float(min(outcome.times_ns[1:]))
