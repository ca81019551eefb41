"""Define the configuration of a run."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Limits:
    """The limits of a kernel's processes, in a container and outside."""

    memory_bytes: int
    processes: int
    timeout_s: float
    build_timeout_s: float


@dataclass(frozen=True)
class Sizes:
    """Other n, at which every kernel is measured after the run's own n; the budget and the rounds are for each."""

    n: tuple[int, ...]
    budget_s: float
    rounds: int


@dataclass(frozen=True)
class Config:
    """The validated settings of config.yaml and the command line: everything that decides what a run does."""

    file: Path
    n: int
    threads: int
    seed: int
    backend: Backend
    budget_s: float
    full: bool
    target: float
    rounds: int
    min_rounds: int
    baseline: str
    only: tuple[str, ...]
    check_sizes: tuple[int, ...]
    sizes: Sizes
    resamples: int
    confidence: float
    limits: Limits
    pages: Pages
    kernels_dir: Path
    reports_dir: Path
    build_dir: Path
    more_kernels: tuple[Path, ...] = ()
