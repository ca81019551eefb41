"""What this machine has, and what it lacks: engine, toolchains, CPU features, noise."""

from __future__ import annotations

from collections.abc import Callable

from harness.config.kernels import kernels_of
from harness.execute import docker_command, launcher
from harness.execute.native import NativeExecutor
from harness.execute.toolchains import provide_missing
from harness.model.config import Config
from harness.model.job import Absent
from harness.system import host
from harness.util.format import size

VECTOR_FEATURES = ("avx2", "fma", "avx512f", "avx512_vnni", "amx_tile", "amx_int8", "asimd", "sve")


def examine(config: Config, install: bool, say: Callable[[str], None]) -> bool:
    """Say what there is and what is missing; install that first if asked. True if every kernel can be run."""
    kernels = kernels_of(config)
    native = NativeExecutor(config.build_dir)
    toolchains = list(dict.fromkeys([launcher.TOOLS, *(kernel.toolchain for kernel in kernels)]))
    if install:
        provide_missing(toolchains, native.provide, say)
        native.forget_absent()

    machine = host.describe()
    say(f"machine     {machine.cpu}, {machine.processors} processors, {size(machine.memory_bytes)}, {machine.os}")
    features = host.cpu_features()
    say("cpu         " + ", ".join(f"{name} {'yes' if name in features else 'no'}" for name in VECTOR_FEATURES))
    say("caches      " + ", ".join(machine.caches))

    engine = docker_command.engine_version()
    if isinstance(engine, Absent):
        say(f"docker      no: {engine}")
    else:
        base = docker_command.base_image()
        state = f"and {docker_command.BASE} is here" if not isinstance(base, Absent) else f"but {base}"
        say(f"docker      engine {engine} {state}")

    # what an ordinary user can hold a process to, and what takes a container
    say("outside one a kernel is held to its time, memory, processes, file sizes and processors, and what it leaves")
    say("            behind is killed; not kept from the network and from other folders: --backend docker does that")

    complete = True
    for toolchain in toolchains:
        found = native.provide(toolchain)
        if isinstance(found, Absent):
            complete = False
            say(f"{toolchain.language:<11} missing: {found}")
        else:
            say(f"{toolchain.language:<11} {found.version}")
    for kernel in kernels:
        if lacking := host.lacking(kernel.requires):
            say(f"{kernel.id}: skipped: {lacking}")
    for seen, advice in host.noise(host.usable_cpus(config.threads)):
        say(f"noise       {seen} ({advice})")
    usable = complete or not isinstance(engine, Absent)
    say("Everything that the kernels need is here." if complete else "'doctor --install' provides what is missing.")
    return usable
