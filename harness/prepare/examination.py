"""Examine this machine: folders, Docker engine, toolchains, CPU features, and sources of noise."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from harness.config.kernels import kernels_of
from harness.execute import container_user, docker_command, launcher
from harness.execute.executor import Executor
from harness.execute.native import NativeExecutor
from harness.execute.toolchains import VALGRIND, provide_missing
from harness.model.config import Config
from harness.model.counters import NO_COUNTERS, CounterSupport
from harness.model.energy import EnergySupport
from harness.model.job import Absent
from harness.model.kernel import Kernel, Toolchain
from harness.model.machine import HostInfo
from harness.system import cpu_counters, host
from harness.system.devices import lacking_for
from harness.system.energy import EnergyMeter
from harness.system.noise import sources_of_noise
from harness.util.files import tree_bytes
from harness.util.paths import places

VECTOR_FEATURES = ("avx2", "fma", "avx512f", "avx512_vnni", "amx_tile", "amx_int8", "asimd", "sve")
"""Instruction sets that some kernels use, by Linux's names."""


@dataclass(frozen=True)
class Folders:
    """The folders of this program; `note` says why builds are in a temporary one, and is empty if they are not."""

    project: Path
    installed: bool
    builds: Path
    builds_bytes: int
    reports: Path
    note: str = ""


@dataclass(frozen=True)
class EngineState:
    """The Docker engine: its version and what it says of itself, or the `reason` why none can be used.

    `base_image` is what the images are made from; it is empty with a reason where an engine answers without it.
    """

    version: str = ""
    traits: str = ""
    base_image: str = ""
    reason: str = ""


@dataclass(frozen=True)
class ToolchainState:
    """A toolchain: its version, or the `reason` why it is missing and the command that provides it."""

    language: str
    version: str = ""
    reason: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class SkippedKernel:
    """A kernel that this machine cannot run, and why."""

    kernel: str
    reason: str


@dataclass(frozen=True)
class Disturbance:
    """What can disturb a measurement on this machine, and what removes it."""

    observation: str
    remedy: str


@dataclass(frozen=True)
class Examination:
    """What this machine has and lacks.

    `vector_features` are VECTOR_FEATURES, each with whether the CPU has it.

    `counters` are the events that the CPU counts for programs outside containers, `energy` is the power at rest.
     `counting` is valgrind, which is optional.
    """

    machine: HostInfo
    vector_features: dict[str, bool]
    folders: Folders
    engine: EngineState
    toolchains: tuple[ToolchainState, ...]
    skipped: tuple[SkippedKernel, ...]
    noise: tuple[Disturbance, ...]
    counting: ToolchainState
    counters: CounterSupport = NO_COUNTERS
    energy: EnergySupport = field(default_factory=EnergySupport)

    @property
    def complete(self) -> bool:
        """Whether all toolchains are installed."""
        return not any(toolchain.reason for toolchain in self.toolchains)

    @property
    def usable(self) -> bool:
        """Whether every kernel has a place to run: all toolchains, or a Docker engine."""
        return self.complete or bool(self.engine.version)


def examine(config: Config, install: bool, say: Callable[[str], None]) -> Examination:
    """Examine this machine; with `install`, install missing toolchains first, and `say` which."""
    kernels = kernels_of(config)
    native = NativeExecutor(config.build_dir)
    if install:
        wanted = [launcher.TOOLS, *(kernel.toolchain for kernel in kernels if not kernel.optional)]
        provide_missing(wanted, native.provide, say)
        native.forget_absent()
    toolchains = dict.fromkeys([launcher.TOOLS, *(kernel.toolchain for kernel in kernels)])
    features, machine = host.cpu_features(), host.describe()
    return Examination(
        machine=machine,
        vector_features={name: name in features for name in VECTOR_FEATURES},
        folders=_folders(config),
        engine=_engine(),
        toolchains=tuple(_toolchain(toolchain, native) for toolchain in toolchains),
        skipped=tuple(_skipped(kernels)),
        noise=tuple(Disturbance(*each) for each in sources_of_noise(host.usable_cpus(config.threads))),
        counters=cpu_counters.support(machine.cpu_id),
        energy=EnergyMeter().support(),
        counting=_toolchain(VALGRIND, native),
    )


def _folders(config: Config) -> Folders:
    own = places()
    note = own.note if config.build_dir == own.builds else ""
    return Folders(own.data, own.installed, config.build_dir, tree_bytes(config.build_dir), config.reports_dir, note)


def _engine() -> EngineState:
    version = docker_command.engine_version()
    if isinstance(version, Absent):
        return EngineState(reason=str(version))
    traits = container_user.own_engine().describe()
    base = docker_command.base_image()
    if isinstance(base, Absent):
        return EngineState(version, traits, reason=str(base))
    return EngineState(version, traits, docker_command.BASE)


def _toolchain(toolchain: Toolchain, executor: Executor) -> ToolchainState:
    provided = executor.provide(toolchain)
    if isinstance(provided, Absent):
        return ToolchainState(toolchain.language, reason=provided.reason, remedy=provided.remedy)
    return ToolchainState(toolchain.language, provided.version)


def _skipped(kernels: Iterable[Kernel]) -> Iterable[SkippedKernel]:
    for kernel in kernels:
        if reason := lacking_for(kernel):
            yield SkippedKernel(kernel.id, reason)
