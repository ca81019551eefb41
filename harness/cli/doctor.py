"""Report what this machine has and lacks: Docker engine, toolchains, CPU features, sources of noise."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from harness.config.kernels import kernels_of
from harness.execute import container_user, docker_command, launcher
from harness.execute.native import NativeExecutor
from harness.execute.toolchains import provide_missing
from harness.model.config import Config
from harness.model.job import Absent
from harness.model.kernel import Kernel, Toolchain
from harness.system import host
from harness.system.noise import sources_of_noise
from harness.util.chip import chip_name, count_processors
from harness.util.command_line import own_command
from harness.util.files import tree_bytes
from harness.util.format import size
from harness.util.paths import places

VECTOR_FEATURES = ("avx2", "fma", "avx512f", "avx512_vnni", "amx_tile", "amx_int8", "asimd", "sve")
"""Instruction sets that some kernels use, by Linux's names."""

Say = Callable[[str], None]


def examine(config: Config, install: bool, say: Say) -> bool:
    """Report on this machine with `say`; with `install`, install missing toolchains first.

    Return whether every kernel has a place to run: all toolchains, or a Docker engine.
    """
    kernels = kernels_of(config)
    native = NativeExecutor(config.build_dir)
    toolchains = list(dict.fromkeys([launcher.TOOLS, *(kernel.toolchain for kernel in kernels)]))
    if install:
        wanted = [launcher.TOOLS, *(kernel.toolchain for kernel in kernels if not kernel.optional)]
        provide_missing(wanted, native.provide, say)
        native.forget_absent()
    _say_machine(say)
    _say_places(config, say)
    docker = _say_docker(say)
    _say_confinement(say)
    complete = _say_toolchains(toolchains, native, say)
    _say_skipped(kernels, say)
    for observation, remedy in sources_of_noise(host.usable_cpus(config.threads)):
        say(f"noise       {observation} ({remedy})")
    say("All toolchains are installed." if complete else "'doctor --install' installs missing toolchains.")
    return complete or docker


def _say_machine(say: Say) -> None:
    machine, features = host.describe(), host.cpu_features()
    say(f"machine     {chip_name(machine)}, {count_processors(machine)}, {size(machine.memory_bytes)}, {machine.os}")
    say("cpu         " + ", ".join(f"{name} {'yes' if name in features else 'no'}" for name in VECTOR_FEATURES))
    say("caches      " + ", ".join(machine.caches))


def _say_places(config: Config, say: Say) -> None:
    own = places()
    say(f"project     {own.data}" + (", installed" if own.installed else ""))
    say(f"builds      {config.build_dir}, {size(tree_bytes(config.build_dir))}, which '{own_command()} clean' removes")
    if own.note and config.build_dir == own.builds:
        say(f"            {own.note}")
    say(f"reports     {config.reports_dir}")


def _say_docker(say: Say) -> bool:
    """Report on the Docker engine; return whether one answers."""
    engine = docker_command.engine_version()
    if isinstance(engine, Absent):
        say(f"docker      no: {engine}")
        return False
    base = docker_command.base_image()
    state = f"but {base}" if isinstance(base, Absent) else f"with the base image {docker_command.BASE}"
    traits = container_user.own_engine().describe()
    say(f"docker      engine {engine}, {traits + ', ' if traits else ''}{state}")
    return True


def _say_confinement(say: Say) -> None:
    """Report what an ordinary user can limit, and what takes a container."""
    say("native      limits time, memory, processes, file sizes and processors, and kills processes left behind;")
    say("            kernels can use the network and other folders, which only --backend docker prevents")


def _say_toolchains(toolchains: list[Toolchain], native: NativeExecutor, say: Say) -> bool:
    """Report on each toolchain; return whether all are installed."""
    complete = True
    for toolchain in toolchains:
        provided = native.provide(toolchain)
        if isinstance(provided, Absent):
            complete = False
            say(f"{toolchain.language:<11} missing: {provided}")
        else:
            say(f"{toolchain.language:<11} {provided.version}")
    return complete


def _say_skipped(kernels: Iterable[Kernel], say: Say) -> None:
    for kernel in kernels:
        if reason := host.lacking(kernel.requires):
            say(f"{kernel.id}: skipped: {reason}")
