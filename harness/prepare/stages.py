"""Choose the executor, provide toolchains, and build and check kernels, several at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from harness.execute import container_user, docker, docker_command, launcher
from harness.execute.docker_command import stop_builds
from harness.execute.executor import Executor
from harness.execute.native import NativeExecutor
from harness.execute.toolchains import provide_missing
from harness.model.config import Backend, Config
from harness.model.errors import UsageError
from harness.model.job import Absent, Built, Failed, FailureCode, Passed, Provided
from harness.model.kernel import Kernel
from harness.prepare.build import build
from harness.prepare.check import Workspace, check, check_inputs
from harness.system import host
from harness.system.devices import lacking_for
from harness.system.host import processors
from harness.util.console import Console
from harness.util.paths import INSTALLED, places
from harness.util.scratch import fresh

T = TypeVar("T")

Item = TypeVar("Item")


@dataclass
class Prepared:
    """The outcome for each kernel before measuring: after all stages it is in `passed`, in `failures` or in `skips`."""

    provided: dict[str, Provided] = field(default_factory=dict)
    built: dict[str, Built] = field(default_factory=dict)
    passed: dict[str, Passed] = field(default_factory=dict)
    failures: dict[str, Failed] = field(default_factory=dict)
    skips: dict[str, str] = field(default_factory=dict)


def choose_executor(config: Config) -> tuple[Executor, str]:
    """Return the executor of the backend, and why it was chosen. Raises UsageError if `docker` has no engine."""
    if config.backend == Backend.NATIVE:
        return NativeExecutor(config.build_dir, config.limits, config.pages), "asked for"
    engine = docker_command.engine_version()
    base = engine if isinstance(engine, Absent) else docker_command.base_image()
    if not isinstance(base, Absent):
        base = container_user.trial(config.build_dir) or base
    if not isinstance(base, Absent):
        container_user.let_containers_read()
        return docker.DockerExecutor(config.build_dir, config.limits, config.pages), f"engine {engine}"
    if config.backend == Backend.DOCKER:
        raise UsageError(f"--backend docker: {base}")
    return NativeExecutor(config.build_dir, config.limits, config.pages), base.reason


def provide(
    kernels: Iterable[Kernel], executor: Executor, prepared: Prepared, console: Console, install: bool = True
) -> None:
    """Provide each kernel's toolchain; skip one whose toolchain, CPU feature or device is missing, with the reason."""
    supported: list[Kernel] = []
    for kernel in kernels:
        if lacking := lacking_for(kernel):
            prepared.skips[kernel.id] = lacking
        else:
            supported.append(kernel)
    if install and isinstance(executor, NativeExecutor):
        toolchains = [launcher.TOOLS, *(kernel.toolchain for kernel in supported if not kernel.optional)]
        provide_missing(toolchains, executor.provide, console.line, with_system=not INSTALLED)
        executor.forget_absent()
    toolchains = list(dict.fromkeys(kernel.toolchain for kernel in supported))
    if isinstance(executor, docker.DockerExecutor):
        for line in executor.announce([launcher.TOOLS, *toolchains]):
            console.line(f"  {line}")
    for toolchain, provided in side_by_side(toolchains, executor.provide, console):
        for kernel in (kernel for kernel in supported if kernel.toolchain == toolchain):
            if isinstance(provided, Provided):
                prepared.provided[kernel.id] = provided
            else:
                prepared.skips[kernel.id] = (
                    f"{provided.reason}: {kernel.optional}" if kernel.optional else str(provided)
                )
    _print_skips(prepared.skips, console)


def make_build_folder(config: Config) -> None:
    """Create the folder of builds. Raises UsageError if no program may be started there."""
    config.build_dir.mkdir(parents=True, exist_ok=True)
    if os.statvfs(config.build_dir).f_flag & getattr(os, "ST_NOEXEC", 0):  # macOS has no such flag
        # each kernel would fail by itself, with "Permission denied"
        raise UsageError(
            f"{config.build_dir}: no program may be started from this file system, which is mounted noexec; name "
            "another folder with paths.build in config.yaml"
        )


def build_all(
    kernels: Iterable[Kernel], executor: Executor, config: Config, prepared: Prepared, console: Console
) -> None:
    """Build every kernel whose toolchain is provided."""
    if config.build_dir == places().builds and (note := places().note):
        console.line(f"  Note: {note}")
    make_build_folder(config)
    buildable = [kernel for kernel in kernels if kernel.id in prepared.provided]
    cpus, cpu = host.usable_cpus(processors()), host.cpu_identity()

    def build_kernel(kernel: Kernel) -> Built | Failed | Absent:
        provided = prepared.provided[kernel.id]
        return build(kernel, provided, executor, config.build_dir, config.limits, cpu, cpus)

    for kernel, result in side_by_side(buildable, build_kernel, console):
        if isinstance(result, Built):
            prepared.built[kernel.id] = result
        elif isinstance(result, Absent):
            prepared.skips[kernel.id] = str(result)
            console.line(f"  skipped {kernel.id}: {result}")
        else:
            prepared.failures[kernel.id] = result
            console.line(f"  {kernel.id} does not build: {result.reason}")


def check_all(
    kernels: Iterable[Kernel],
    executor: Executor,
    config: Config,
    prepared: Prepared,
    scratch: Path,
    cpus: tuple[int, ...],
    console: Console,
) -> None:
    """Check every kernel that was built; skip one that says itself that it cannot run on this machine."""
    inputs = check_inputs(config.check_sizes, config.seed, fresh(scratch, "check-inputs"))
    workspace = Workspace(executor, config.build_dir, scratch, config.threads, cpus, config.limits.timeout_s)

    def check_kernel(kernel: Kernel) -> Passed | Failed:
        return check(kernel, prepared.built[kernel.id], inputs, workspace)

    checkable = [kernel for kernel in kernels if kernel.id in prepared.built]
    for kernel, result in side_by_side(checkable, check_kernel, console):
        if isinstance(result, Passed):
            prepared.passed[kernel.id] = result
        elif result.code == FailureCode.CANNOT_RUN_HERE:
            prepared.skips[kernel.id] = result.reason
            console.line(f"  skipped {kernel.id}: {result.reason}")
        else:
            prepared.failures[kernel.id] = result
            console.line(f"  {kernel.id} is wrong: {result.reason}")


def _print_skips(skips: dict[str, str], console: Console) -> None:
    by_reason: dict[str, list[str]] = {}
    for kernel, reason in skips.items():
        by_reason.setdefault(reason, []).append(kernel)
    for reason, kernels in by_reason.items():
        console.line(f"  skipped {', '.join(kernels)}: {reason}")


def side_by_side(items: list[Item], work: Callable[[Item], T], console: Console) -> Iterable[tuple[Item, T]]:
    """Yield each item with its result, as many at a time as there are processors: nothing is timed in these stages."""
    with ThreadPoolExecutor(processors()) as pool:
        futures = {pool.submit(work, item): item for item in items}
        try:
            for done, future in enumerate(as_completed(futures), 1):
                yield futures[future], future.result()
                console.status(f"  {done} of {len(items)}")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            launcher.stop_all()
            stop_builds()
            raise
