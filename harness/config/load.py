"""config.yaml and the command line -> one frozen Config, or every mistake at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from harness.config.yamlfile import Strict, load
from harness.model.config import Backend, Config, Limits, Pages, Sizes
from harness.model.errors import UsageError
from harness.system.host import memory_bytes, processors
from harness.util.paths import ROOT

MAX_N = 2**15
"""Products are below 2^38 in units of 2^-40, so sums of 2^15 of them are the last that float64 holds exactly."""

DEFAULT_FILE = ROOT / "config.yaml"

Size = Annotated[int, Field(ge=1, le=MAX_N)]

Seconds = Annotated[float, Field(gt=0, le=1e6)]

Count = Annotated[int, Field(ge=1, le=1_000_000)]


class _Quick(Strict):
    n: Size
    budget_s: Seconds
    rounds: Annotated[int, Field(ge=2, le=1000)]


class _Sizes(Strict):
    n: list[Size]
    budget_s: Seconds
    rounds: Annotated[int, Field(ge=2, le=1000)]


class _Statistics(Strict):
    confidence: Annotated[float, Field(gt=0.5, lt=1)]
    resamples: Annotated[int, Field(ge=100, le=1_000_000)]


class _Limits(Strict):
    memory_gib: Annotated[float, Field(gt=0, le=1e5)]
    processes: Count
    timeout_s: Seconds
    build_timeout_s: Seconds


class _Paths(Strict):
    kernels: str
    reports: str
    build: str


class _File(Strict):
    n: Size
    threads: Literal["all"] | Annotated[int, Field(ge=1)]
    seed: Annotated[int, Field(ge=0, lt=2**32)]
    backend: Literal["auto", "docker", "native"]
    baseline: Annotated[str, Field(pattern=r"^[^/\s]+/[^/\s]+$")]
    budget_s: Seconds
    target: Annotated[float, Field(gt=0, lt=1)]
    rounds: Annotated[int, Field(ge=2, le=1000)]
    min_rounds: Annotated[int, Field(ge=2, le=1000)]
    pages: Literal["as-is", "4k", "huge"]
    only: Annotated[list[str], Field()]
    quick: _Quick
    sizes: _Sizes
    check_sizes: Annotated[list[Annotated[int, Field(ge=1, le=1024)]], Field(min_length=1)]
    statistics: _Statistics
    limits: _Limits
    paths: _Paths


@dataclass(frozen=True)
class Options:
    """What the command line overrides; None means what the file says."""

    n: int | None = None
    threads: int | None = None
    budget_s: float | None = None
    backend: str | None = None
    only: tuple[str, ...] = ()
    quick: bool = False
    full: bool = False
    pages: str | None = None
    sizes: str | None = None
    out: Path | None = None
    kernels: tuple[Path, ...] = ()


def load_config(path: Path | None = None, options: Options | None = None) -> Config:
    """Read a config file and apply `options`. Raises UsageError naming each file, key and remedy."""
    path, options = path or DEFAULT_FILE, options or Options()
    file = load(path, _File)
    here = path.resolve().parent
    mistakes = []

    if options.n is not None and not 1 <= options.n <= MAX_N:
        mistakes.append(f"--n: expected 1 to {MAX_N}, found {options.n}")
    if options.budget_s is not None and not options.budget_s > 0:
        mistakes.append(f"--budget: expected a number of seconds above 0, found {options.budget_s}")

    try:
        sizes = file.sizes.n if options.sizes is None else [int(n) for n in options.sizes.split(",") if n.strip()]
    except ValueError:
        sizes = [0]
    if any(not 1 <= size <= MAX_N for size in sizes):
        mistakes.append(f"--sizes: expected numbers from 1 to {MAX_N} such as 256,512,1024, found {options.sizes}")

    n = options.n or (file.quick.n if options.quick else file.n)
    budget_s = options.budget_s or (file.quick.budget_s if options.quick else file.budget_s)
    rounds = file.quick.rounds if options.quick else file.rounds
    key, asked = ("--threads", options.threads) if options.threads is not None else ("threads", file.threads)
    threads = processors() if asked == "all" else asked
    if not 1 <= threads <= processors():
        mistakes.append(
            f"{_place(path, key)}: expected all or 1 to {processors()}, the processors of this machine, found {asked}"
        )
    # three matrices in the kernel, and three here: the inputs and the reference
    for key, size in (
        ("--n" if options.n else "n", n),
        ("--sizes" if options.sizes else "sizes.n", max(sizes, default=0)),
    ):
        if (needed := 6 * 8 * size * size) > memory_bytes():
            mistakes.append(
                f"{_place(path, key)}: n = {size} needs {needed / 2**30:.0f} GiB of memory, "
                f"this machine has {memory_bytes() / 2**30:.0f}"
            )
    kernels_dir = here / file.paths.kernels
    if not kernels_dir.is_dir():
        mistakes.append(f"{path}: paths.kernels: no such folder: {kernels_dir}")
    mistakes += [f"--kernels: no such folder: {folder}" for folder in options.kernels if not folder.is_dir()]
    if mistakes:
        raise UsageError("\n".join(mistakes))
    return Config(
        file=path,
        n=n,
        threads=threads,
        seed=file.seed,
        backend=Backend(options.backend or file.backend),
        budget_s=budget_s,
        full=options.full,
        target=file.target,
        rounds=rounds,
        min_rounds=min(file.min_rounds, rounds),
        baseline=file.baseline,
        only=options.only or tuple(file.only),
        check_sizes=tuple(file.check_sizes),
        sizes=Sizes(tuple(sorted(set(sizes) - {n})), file.sizes.budget_s, file.sizes.rounds),
        resamples=file.statistics.resamples,
        confidence=file.statistics.confidence,
        limits=Limits(
            memory_bytes=min(int(file.limits.memory_gib * 2**30), memory_bytes()),
            processes=file.limits.processes,
            timeout_s=file.limits.timeout_s,
            build_timeout_s=file.limits.build_timeout_s,
        ),
        pages=Pages(options.pages or file.pages),
        kernels_dir=kernels_dir,
        more_kernels=tuple(folder.resolve() for folder in options.kernels),
        reports_dir=(options.out or here / file.paths.reports).resolve(),
        build_dir=here / file.paths.build,
    )


def _place(path: Path, key: str) -> str:
    return key if key.startswith("--") else f"{path}: {key}"
