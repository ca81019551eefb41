"""Define the configuration of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Backend(StrEnum):
    """Where kernels run: AUTO is Docker if an engine answers, else native."""

    AUTO = "auto"
    DOCKER = "docker"
    NATIVE = "native"


class Pages(StrEnum):
    """The memory pages of every kernel: as its runtime asks for them, none huge, or all huge where possible."""

    AS_IS = "as-is"
    SMALL = "4k"
    HUGE = "huge"


class Effort(StrEnum):
    """How much time a run takes: how many rounds it has, and up to what time it measures a kernel whole."""

    QUICK = "quick"
    DEFAULT = "default"
    THOROUGH = "thorough"


LEADING_ROUNDS = {Effort.QUICK: 6, Effort.DEFAULT: 12, Effort.THOROUGH: 24}
"""Rounds of the kernels that decide the headline (harness.measure.plan), unless --rounds says otherwise."""


@dataclass(frozen=True)
class Limits:
    """The limits of a kernel's processes, in a container and outside."""

    memory_bytes: int
    processes: int
    timeout_s: float
    build_timeout_s: float


@dataclass(frozen=True)
class Sizes:
    """Other n, at which every kernel is measured after the run's own n, in this number of rounds each."""

    n: tuple[int, ...]
    rounds: int


@dataclass(frozen=True)
class Config:
    """The validated settings of config.yaml and the command line: everything that decides what a run does.

    `rounds` is the number of rounds of the kernels that decide the headline; others have at most as many. `target` is
    the relative half width of the headline's interval that the advice on further rounds aims at. `toolchains` names
    those of each language that is not built with its default toolchain alone, `toolchains_from` the option, variable or
    key that chose them. `why` lets a run count instructions.
    """

    file: Path
    n: int
    threads: int
    seed: int
    backend: Backend
    effort: Effort
    rounds: int
    full: bool
    target: float
    baseline: str
    only: tuple[str, ...]
    check_sizes: tuple[int, ...]
    sizes: Sizes
    confidence: float
    limits: Limits
    pages: Pages
    kernels_dir: Path
    reports_dir: Path
    build_dir: Path
    more_kernels: tuple[Path, ...] = ()
    toolchains: dict[str, tuple[str, ...]] = field(default_factory=dict)
    why: bool = True
    toolchains_from: str = "--toolchain"
