"""Read config.yaml and the options of the command line into one frozen Config, or report all mistakes at once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from harness.config.toolchains import toolchains_of
from harness.config.variables import Overlaid, overlay
from harness.config.yamlfile import Strict, read, validate
from harness.model.config import LEADING_ROUNDS, Backend, Config, Effort, Limits, Pages, Sizes
from harness.model.errors import UsageError
from harness.system.host import memory_bytes, performance_processors, processors
from harness.util.json_documents import json_schema
from harness.util.paths import ROOT, places

MAX_N = 2**15
"""Largest n. A product of two inputs is a whole number below 2^38 in units of 2^-40, so a sum of 2^15 products is below
2^53, which float64 holds exactly. With more, the reference product would be rounded."""

MATRICES = 6
"""Matrices in memory during a launch: A, B and C in the kernel; A, B and the reference in the harness."""

DEFAULT_FILE = ROOT / "config.yaml"

Size = Annotated[int, Field(ge=1, le=MAX_N)]

Seconds = Annotated[float, Field(gt=0, le=1e6)]

Count = Annotated[int, Field(ge=1, le=1_000_000)]


MAX_ROUNDS = 1000

RoundCount = Annotated[int, Field(ge=1, le=MAX_ROUNDS)]


class _Quick(Strict):
    n: Size


class _Sizes(Strict):
    n: list[Size]
    rounds: RoundCount


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
    format: Literal[1] = 1
    n: Size
    threads: Literal["all"] | Annotated[int, Field(ge=1)]
    seed: Annotated[int, Field(ge=0, lt=2**32)]
    backend: Literal["auto", "docker", "native"]
    baseline: Annotated[str, Field(pattern=r"^[^/\s]+/[^/\s]+$")]
    effort: Literal["quick", "default", "thorough"]
    rounds: Literal["auto"] | RoundCount
    target: Annotated[float, Field(gt=0, lt=1)]
    confidence: Annotated[float, Field(gt=0.5, lt=1)]
    pages: Literal["as-is", "4k", "huge"]
    only: Annotated[list[str], Field()]
    toolchain: list[str] = []
    quick: _Quick
    sizes: _Sizes
    check_sizes: Annotated[list[Annotated[int, Field(ge=1, le=1024)]], Field(min_length=1)]
    limits: _Limits
    paths: _Paths


def schema() -> dict[str, Any]:
    """Return the JSON schema of config.yaml."""
    return json_schema("config.yaml", _File.model_json_schema())


@dataclass(frozen=True)
class Options:
    """Options of the command line. None means that the file decides."""

    n: int | None = None
    threads: int | None = None
    effort: str | None = None
    rounds: int | None = None
    backend: str | None = None
    only: tuple[str, ...] = ()
    quick: bool = False
    full: bool = False
    pages: str | None = None
    sizes: str | None = None
    out: Path | None = None
    kernels: tuple[Path, ...] = ()
    toolchain: tuple[str, ...] = ()
    no_why: bool = False


def load_config(path: Path | None = None, options: Options | None = None) -> Config:
    """Read a configuration file and apply environment variables, and then `options`.

    Raises UsageError with every mistake: the file and the key, the variable or the option, and the remedy.
    """
    path, options = path or DEFAULT_FILE, options or Options()
    overlaid = overlay(read(path), os.environ, _File)
    file, own = validate(path, overlaid.data, _File, overlaid.variables), places()
    folder = path.resolve().parent
    effort = Effort(options.effort or ("quick" if options.quick else file.effort))
    n = options.n or (file.quick.n if options.quick or options.effort == Effort.QUICK else file.n)
    sizes = _sizes(file, options)
    rounds = options.rounds or (LEADING_ROUNDS[effort] if file.rounds == "auto" else file.rounds)
    threads = _threads(file, options)
    kernels_dir = _place(file.paths.kernels, folder, own.data / "kernels")
    more_kernels = tuple(added_folder(folder) for folder in options.kernels)
    where = _Places(path, options, overlaid)
    toolchains_from = "--toolchain" if options.toolchain else where.of("toolchain")
    mistakes = [
        *_option_mistakes(options, sizes),
        *_machine_mistakes(where, n, sizes, threads),
        *_folder_mistakes(where, kernels_dir, more_kernels),
    ]
    if mistakes:
        raise UsageError("\n".join(mistakes))
    return Config(
        file=path,
        n=n,
        threads=threads,
        seed=file.seed,
        backend=Backend(options.backend or file.backend),
        effort=effort,
        rounds=rounds,
        full=options.full,
        target=file.target,
        baseline=file.baseline,
        only=options.only or tuple(file.only),
        check_sizes=tuple(file.check_sizes),
        sizes=Sizes(tuple(sorted(set(sizes) - {n})), file.sizes.rounds),
        confidence=file.confidence,
        limits=Limits(
            memory_bytes=min(int(file.limits.memory_gib * 2**30), memory_bytes()),
            processes=file.limits.processes,
            timeout_s=file.limits.timeout_s,
            build_timeout_s=file.limits.build_timeout_s,
        ),
        pages=Pages(options.pages or file.pages),
        kernels_dir=kernels_dir,
        more_kernels=tuple(folder.resolve() for folder in more_kernels),
        why=not options.no_why,
        reports_dir=(options.out or _place(file.paths.reports, folder, own.reports)).resolve(),
        build_dir=_place(file.paths.build, folder, own.builds),
        toolchains=toolchains_of(options.toolchain or file.toolchain, toolchains_from),
        toolchains_from=toolchains_from,
    )


def added_folder(folder: Path) -> Path:
    """Return the folder that --kernels names: the project's own, such as more, where the working folder has none."""
    own = ROOT / folder
    return own if own.is_dir() and not folder.is_dir() else folder


def _place(value: str, folder: Path, own: Path) -> Path:
    """Return a folder of `paths`: the project's own for auto, or one relative to the file's folder."""
    return own if value == "auto" else folder / value


def _sizes(file: _File, options: Options) -> list[int]:
    """Return the other n to measure; [0], which is out of range, if --sizes is not a list of numbers."""
    if options.sizes is None:
        return file.sizes.n
    try:
        return [int(n) for n in options.sizes.split(",") if n.strip()]
    except ValueError:
        return [0]


def _threads(file: _File, options: Options) -> int:
    threads = file.threads if options.threads is None else options.threads
    return performance_processors() if threads == "all" else threads


def _option_mistakes(options: Options, sizes: list[int]) -> list[str]:
    """Return the mistakes of options that the same keys of a file cannot have, because its schema limits them."""
    mistakes = []
    if options.n is not None and not 1 <= options.n <= MAX_N:
        mistakes.append(f"--n: expected 1 to {MAX_N}, found {options.n}")
    if options.rounds is not None and not 1 <= options.rounds <= MAX_ROUNDS:
        mistakes.append(f"--rounds: expected 1 to {MAX_ROUNDS}, found {options.rounds}")
    if options.quick and options.effort not in (None, Effort.QUICK):
        mistakes.append(f"--quick: the short form of --effort quick, given with --effort {options.effort}: omit one")
    if any(not 1 <= size <= MAX_N for size in sizes):
        mistakes.append(f"--sizes: expected numbers from 1 to {MAX_N} such as 256,512,1024, found {options.sizes}")
    return mistakes


@dataclass(frozen=True)
class _Places:
    """Where each value comes from, for messages: its option, its variable, or its key in the file."""

    path: Path
    options: Options
    overlaid: Overlaid

    def of(self, *key: str, option: str = "") -> str:
        if option and getattr(self.options, option) is not None:
            return f"--{option}"
        return self.overlaid.variables.get(key) or f"{self.path}: {'.'.join(key)}"


def _machine_mistakes(places: _Places, n: int, sizes: list[int], threads: int) -> list[str]:
    """Return the values that this machine has too few processors or too little memory for."""
    mistakes = []
    if not 1 <= threads <= processors():
        mistakes.append(
            f"{places.of('threads', option='threads')}: expected all or 1 to {processors()}, the number of processors "
            f"of this machine, found {threads}"
        )
    for place, size in (
        (places.of("n", option="n"), n),
        (places.of("sizes", "n", option="sizes"), max(sizes, default=0)),
    ):
        if (needed_bytes := MATRICES * 8 * size * size) > memory_bytes():
            mistakes.append(
                f"{place}: n = {size} needs {needed_bytes / 2**30:.1f} GiB of memory, "
                f"but only {memory_bytes() / 2**30:.1f} GiB may be used here"
            )
    return mistakes


def _folder_mistakes(places: _Places, kernels_dir: Path, more_kernels: tuple[Path, ...]) -> list[str]:
    mistakes = [] if kernels_dir.is_dir() else [f"{places.of('paths', 'kernels')}: no such folder: {kernels_dir}"]
    return [*mistakes, *(f"--kernels: no such folder: {folder}" for folder in more_kernels if not folder.is_dir())]
