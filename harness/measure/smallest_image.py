"""Measure the smallest image of each language: FROM scratch, with its naive kernel and the files that it needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from statistics import median

from harness.execute.docker import DockerExecutor
from harness.execute.docker_command import REPOSITORY, build_image
from harness.execute.executor import RunError
from harness.execute.invocation import Launch, launch_all
from harness.model.config import Config
from harness.model.errors import HarnessError
from harness.model.job import Built, Fault, Folders, Provided
from harness.model.kernel import Kernel, Toolchain
from harness.model.run_record import SmallestImage
from harness.model.sample import Problem
from harness.prepare.build import build
from harness.prepare.inputs import prepare
from harness.prepare.verify import compare, digest
from harness.system import host
from harness.util.scratch import fresh

N = 64
"""Size of the product that verifies the kernel in its smallest image."""

LAUNCHES = 7
"""Start launches, whose medians are reported."""

RECIPE = "FROM scratch\nCOPY . /\n"


def measure_smallest(
    kernels: Iterable[Kernel], executor: DockerExecutor, config: Config, scratch: Path, cpus: tuple[int, ...]
) -> list[SmallestImage]:
    """Measure the smallest image of each kernel whose kernel.yaml has the key `minimal`."""
    return [_smallest(kernel, executor, config, scratch, cpus) for kernel in kernels if kernel.minimal]


def _smallest(
    kernel: Kernel, executor: DockerExecutor, config: Config, scratch: Path, cpus: tuple[int, ...]
) -> SmallestImage:
    assert kernel.minimal
    recipe = replace(kernel, variant="naive-minimal", build=kernel.minimal.build, run=kernel.minimal.run, minimal=None)
    try:
        provided = executor.provide(kernel.toolchain)
        if not isinstance(provided, Provided):
            return SmallestImage(kernel.id, reason=str(provided))
        built = build(recipe, provided, executor, config.build_dir, config.limits, host.cpu_identity(), cpus)
        if not isinstance(built, Built):
            return SmallestImage(kernel.id, reason=built.reason)
        image = f"{REPOSITORY}/{kernel.language}-minimal:{built.digest[:12]}"
        size = build_image(image, built.path, RECIPE, "--label", f"{REPOSITORY}=1")
        inside = replace(recipe, toolchain=Toolchain(f"{kernel.language}-minimal", (), (), (), ""))
        executor.adopt(inside.toolchain, Provided("", image, image, size))
        return _launched(inside, built, executor, config, scratch, cpus, size)
    except (RunError, HarnessError) as error:
        return SmallestImage(kernel.id, reason=str(error))


def _launched(
    kernel: Kernel,
    built: Built,
    executor: DockerExecutor,
    config: Config,
    scratch: Path,
    cpus: tuple[int, ...],
    image_bytes: int,
) -> SmallestImage:
    inputs = prepare(N, config.seed, config.build_dir)
    # empty folders are mounted, so that the image alone provides what the kernel needs
    empty = fresh(scratch, "minimal-nothing")
    folders = Folders(empty, empty, inputs.folder, fresh(scratch, "minimal"))
    problems = [Problem(N, N), *[Problem(1, 1)] * LAUNCHES]
    launches = [Launch(problem, 1, 1) for problem in problems]
    outcomes = launch_all(kernel, executor, folders, launches, config.limits.timeout_s, cpus)
    name = f"{kernel.language}/naive"
    for outcome, problem in zip(outcomes, problems, strict=True):
        if outcome.fault:
            return SmallestImage(name, reason=outcome.fault.reason)
        # the first values of A and B are the 1 x 1 matrices
        expected = inputs.first_product() if problem.n == 1 else inputs.expected(problem)
        if isinstance(verdict := compare(outcome.output, expected, digest(expected)), Fault):
            return SmallestImage(name, reason=verdict.reason)
    results = [outcome.result for outcome in outcomes[1:]]
    return SmallestImage(
        name,
        image_bytes,
        built.artefact_bytes,
        median(result.wall_ns for result in results) / 1e9,
        round(median(result.peak_rss_bytes for result in results)),
    )
