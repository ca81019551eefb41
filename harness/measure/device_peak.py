"""Measure the peak of each language's device with the program that its kernel.yaml names: of float64, and of memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from harness.config.command_words import words
from harness.execute.executor import Executor, RunError
from harness.model.config import Config
from harness.model.errors import HarnessError
from harness.model.job import SKIP_STATUS, Absent, Built, Folders, Job, Provided
from harness.model.kernel import Kernel
from harness.model.machine import DevicePeak
from harness.prepare.build import build
from harness.system import host
from harness.util.files import read_head
from harness.util.scratch import fresh

TIMEOUT_S = 120
"""Time limit of the run, in seconds. It takes a few."""

OUTPUT_LIMIT_BYTES = 2**24

MAX_READ_BYTES = 2**16

MIN_CLOCK_RATIO, MAX_CLOCK_RATIO = 0.5, 1.01
"""Bounds of the time by the device's clock divided by the time that the host waited. Starting a chunk and hearing of
its end take a part of the wait: PoCL with one thread has 0.9. A clock that is too slow would make the rate too high."""


def measure_device_peaks(
    kernels: Iterable[Kernel], executor: Executor, config: Config, scratch: Path, cpus: tuple[int, ...]
) -> dict[str, DevicePeak | Absent]:
    """Return by language what its program of the peak measured, or why it measured nothing.

    Languages without such a program, and those without a kernel among `kernels`, are left out.
    """
    first: dict[str, Kernel] = {}
    for kernel in kernels:
        if kernel.peak:
            first.setdefault(kernel.language, kernel)
    return {language: _measured(kernel, executor, config, scratch, cpus) for language, kernel in first.items()}


def _measured(
    kernel: Kernel, executor: Executor, config: Config, scratch: Path, cpus: tuple[int, ...]
) -> DevicePeak | Absent:
    assert kernel.peak
    program = replace(
        kernel, variant="peak", alternative="", build=kernel.peak.build, run=kernel.peak.run, fetch=(), flags=""
    )
    try:
        provided = executor.provide(program.toolchain)
        if not isinstance(provided, Provided):
            return provided
        built = build(program, provided, executor, config.build_dir, config.limits, host.cpu_identity(), cpus)
        if not isinstance(built, Built):
            return Absent(built.reason)
        artefact = built.path.parent
        folders = Folders(kernel.folder, artefact, scratch, fresh(scratch, "device-peak"), kernel.uses)
        return _run(program, executor, folders, config.threads, cpus)
    except (RunError, HarnessError, OSError) as error:
        return Absent(f"its program cannot be run: {error}")


def _run(
    program: Kernel, executor: Executor, folders: Folders, threads: int, cpus: tuple[int, ...]
) -> DevicePeak | Absent:
    inside = executor.view(folders)
    argv = words(
        program.run,
        artefact=inside.artefact,
        folder=inside.source,
        source=program.source,
        flags="",
        uses=inside.uses,
    )
    out, err = str(inside.work / "out"), str(inside.work / "err")
    job = Job((*argv, str(threads)), str(inside.work), out, err, TIMEOUT_S, OUTPUT_LIMIT_BYTES)
    [result] = executor.run(program.toolchain, folders, [job], cpus)
    if not result.ok:
        lines = _read(folders.work / "err").strip().splitlines()
        message = lines[-1] if lines else "no message"
        skipped = result.exit_status == SKIP_STATUS
        return Absent(message if skipped else f"its program {result.describe()}: {message}")
    try:
        return checked(parse_device_peak(_read(folders.work / "out")))
    except ValueError as error:
        return Absent(str(error))


def _read(path: Path) -> str:
    return read_head(path, MAX_READ_BYTES).decode(errors="replace")


def parse_device_peak(report: str) -> DevicePeak:
    """Return the rates that a program printed. Raises ValueError that names the line which is missing or wrong."""
    texts: dict[str, str] = {}
    gflops: dict[str, float] = {}
    for line in report.splitlines():
        key, _, value = line.strip().partition(" ")
        if key == "float64":
            way, _, rate = value.rpartition(" ")
            gflops[way] = _positive(key, rate)
        else:
            texts[key] = value.strip()
    missing = [key for key in ("device", "memory", "clocks") if key not in texts]
    missing += [] if gflops else ["float64"]
    if missing:
        raise ValueError(f"its program printed no line that begins with {', '.join(missing)}")
    memory_gbs, clock_ratio = (_positive(key, texts[key]) for key in ("memory", "clocks"))
    return DevicePeak(texts["device"], gflops, memory_gbs, clock_ratio)


def _positive(key: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise ValueError(f"its program printed {text[:60]!r} after {key} where a number above 0 was expected")
    return value


def checked(peak: DevicePeak) -> DevicePeak | Absent:
    """Return the peak, or why it does not count: the device's clock contradicts the host's."""
    if MIN_CLOCK_RATIO <= peak.clock_ratio <= MAX_CLOCK_RATIO:
        return peak
    return Absent(
        f"by its own clock, {peak.device} computed for {peak.clock_ratio:.3g} of the time that the host waited"
    )


def best_device_rates(peak: DevicePeak, earlier: DevicePeak | None) -> DevicePeak:
    """Return `peak` with each rate at least as high as in an earlier measurement of the same device."""
    if earlier is None or earlier.device != peak.device:
        return peak
    gflops = {way: max(rate, earlier.gflops.get(way, 0.0)) for way, rate in peak.gflops.items()}
    return replace(peak, gflops=gflops, memory_gbs=max(peak.memory_gbs, earlier.memory_gbs))
