"""What a container costs: the same artefact inside one, inside without the filter of system calls, and outside."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from harness.build import home_of
from harness.execute import Executor, RunError
from harness.execute.docker import DockerExecutor
from harness.execute.native import NativeExecutor
from harness.inputs import prepare
from harness.launching import Launch, launch_all
from harness.model import Config, Folders, HarnessError, Kernel, Problem
from harness.scratch import emptied
from harness.stats import paired
from harness.verify import Mismatch, compare, digest

KERNELS = ("python/naive", "c/naive", "go/naive")
"""An interpreter, a program on the C library, and one without: Linux's filter has been seen to halve the first's speed
and to leave the others alone (PlummersSoftwareLLC/Primes, issue 570)."""

N = 512
CALL_NS = 20e6
ROUNDS = 6
REPS = 3
UNCONFINED, OUTSIDE = "without the filter of system calls", "outside the container"


@dataclass(frozen=True)
class Cost:
    """The time of a kernel elsewhere by its time in a default container, with its interval; or why there is none."""

    kernel: str
    where: str
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""


def measure_costs(
    kernels: list[Kernel],
    executor: DockerExecutor,
    config: Config,
    step_ns: dict[str, float],
    scratch: Path,
    cpus: tuple[int, ...],
) -> list[Cost]:
    """Measure those of KERNELS that are in the run, in rounds; `step_ns` is about the time of a multiply-add."""
    inside = "inside"
    arms: dict[str, Executor] = {
        inside: executor,
        UNCONFINED: DockerExecutor(config.build_dir, config.limits, config.pages, seccomp=False),
        OUTSIDE: NativeExecutor(config.build_dir, config.pages),
    }
    inputs = prepare(N, config.seed, config.build_dir)
    found = []
    try:
        for kernel in (kernel for kernel in kernels if kernel.id in KERNELS):
            problem = Problem(N, max(1, min(N, round(CALL_NS / step_ns[kernel.id] / N**2))))
            expected = inputs.expected(problem)
            times: dict[str, dict[int, float]] = {arm: {} for arm in arms}
            reasons: dict[str, str] = {}
            if kernel.run.strip() != "{out}":
                reasons[OUTSIDE] = "what runs it is in its image only"
            for turn in range(ROUNDS):
                for arm in random.Random(f"{config.seed} {kernel.id} {turn}").sample(list(arms), len(arms)):
                    if arm in reasons:
                        continue
                    work = emptied(scratch / f"containers-{list(arms).index(arm)}")
                    artefact = home_of(kernel, executor, config.build_dir) / "artefact"
                    folders = Folders(kernel.folder, artefact, inputs.folder, work)
                    launch = Launch(problem, 1, REPS)
                    try:
                        [outcome] = launch_all(
                            kernel, arms[arm], folders, [launch], config.limits.timeout_s, cpus, True
                        )
                    except (RunError, HarnessError) as error:
                        reasons[arm] = str(error)
                        continue
                    verdict = outcome.reason or compare(outcome.output, expected, digest(expected))
                    if isinstance(verdict, Mismatch) or outcome.reason:
                        reasons[arm] = outcome.reason or verdict.reason
                        continue
                    times[arm][turn] = min(outcome.times_ns[1:])
            for arm in (UNCONFINED, OUTSIDE):
                reason = reasons.get(inside) or reasons.get(arm)
                if reason:
                    found.append(Cost(kernel.id, arm, reason=reason))
                else:
                    ratio = paired(times[arm], times[inside], config.resamples, config.confidence)
                    found.append(Cost(kernel.id, arm, ratio.value, ratio.low, ratio.high))
    finally:
        for one in arms.values():
            one.release()
    return found
