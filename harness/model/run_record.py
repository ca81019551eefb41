"""Define the record of a run, which run.json stores. The defaults of its fields are those of run.json."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import NamedTuple

from harness.model.config import Backend, Config
from harness.model.counters import CounterSupport
from harness.model.energy import EnergySupport
from harness.model.job import Built, Failed, Passed, Provided
from harness.model.kernel import Kernel
from harness.model.machine import HostInfo, MachineSnapshots, Peak


@dataclass(frozen=True)
class BackendInfo:
    """The backend that ran the kernels, and why it was chosen."""

    name: Backend
    why: str


@dataclass(frozen=True)
class KernelRecord(Kernel):
    """A kernel with its source, so that a report can be made where the kernel's folder is not.

    `folder` and `uses` hold the names of the folders only. `source_sha256` is the hash of `source_text`; empty in a
    run of an earlier version.
    """

    source_text: str = field(kw_only=True)
    source_sha256: str = field(kw_only=True, default="")


@dataclass(frozen=True)
class InputRecord:
    """The identity of the inputs that all kernels multiplied."""

    format: str
    n: int
    seed: int
    sha256_a: str
    sha256_b: str


class Noise(NamedTuple):
    """A property of the machine that can disturb a measurement, and how to remove it."""

    observation: str
    remedy: str


class Note(NamedTuple):
    """A finding about the run that a stage recorded: its code, the observation, and the remedy."""

    code: str
    observation: str
    remedy: str


@dataclass(frozen=True)
class ContainerCost:
    """The time of a kernel elsewhere relative to that in a default container, with its interval; or why it is missing.

    `where` is one of the places of harness.measure.container_cost.
    """

    kernel: str
    where: str
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class SmallestImage:
    """The smallest container image of a language, or why there is none.

    `start_s` is the time from the start of the process to its end on 1 x 1 matrices, the result written;
    `resident_bytes` is its peak memory. Both are medians of verified launches.
    """

    kernel: str
    image_bytes: int | None = None
    program_bytes: int | None = None
    start_s: float | None = None
    resident_bytes: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class RunRecord:
    """A run's plan, machine, toolchains, artefacts and outcome; its samples are in samples.jsonl.

    Mappings are by the kernel's id, except `stages_s`: the seconds that each stage took, by the stage's title, added
    up over resumptions. Fields that are None belong to stages that have not ended. `gaps_ns` holds the time from the
    end of each launch to the start of the next, without verification.
    """

    id: str
    started_at: str
    harness_version: str
    command: tuple[str, ...]
    config: Config
    host: HostInfo
    backend: BackendInfo
    kernels: tuple[KernelRecord, ...]
    notes: tuple[Note, ...] = ()
    toolchains: dict[str, Provided] = field(default_factory=dict)
    built: dict[str, Built] = field(default_factory=dict)
    checked: dict[str, Passed] = field(default_factory=dict)
    failures: dict[str, Failed] = field(default_factory=dict)
    skips: dict[str, str] = field(default_factory=dict)
    peak: Peak | None = None
    cpus: tuple[int, ...] = ()
    stages_s: dict[str, float] = field(default_factory=dict)
    inputs: InputRecord | None = None
    noise: tuple[Noise, ...] = ()
    machine: MachineSnapshots | None = None
    counters: CounterSupport | None = None
    energy: EnergySupport | None = None
    containers: tuple[ContainerCost, ...] | None = None
    smallest: tuple[SmallestImage, ...] | None = None
    verify_s: float = 0.0
    launches_s: float = 0.0
    gaps_ns: tuple[int, ...] = ()
    finished_at: str | None = None
    seconds: float = 0.0

    @property
    def program(self) -> str:
        """The command that started the program of the run, without its arguments."""
        return shlex.join(self.command[: self.command.index("run-all")])
