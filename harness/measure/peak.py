"""Measure the machine's peak rates with programs/peak.c: of the vector units, the matrix engine, and memory."""

from __future__ import annotations

from pathlib import Path

from harness.execute.executor import Executor, Phase, RunError
from harness.execute.launcher import TOOLS
from harness.model.errors import HarnessError
from harness.model.job import Absent, Folders, Job
from harness.model.machine import Peak
from harness.util.scratch import fresh

PROGRAMS = Path(__file__).resolve().parent / "programs"
TIMEOUT_S = 120
"""Time limit of the build and of the run, in seconds. The run takes a few seconds."""

OUTPUT_LIMIT_BYTES = 2**24

COMPILE = "gcc -std=gnu17 -O2 -march=native -Wall -Wextra -pthread"


def measure_peak(executor: Executor, scratch: Path, threads: int, cpus: tuple[int, ...]) -> Peak | Absent:
    """Build and run the peak program in the place where the kernels run; return the rates, or why there are none."""
    provided = executor.provide(TOOLS)
    if isinstance(provided, Absent):
        return provided
    folders = Folders(PROGRAMS, fresh(scratch, "peak"), scratch, fresh(scratch, "peak-work"))
    inside = executor.view(folders)
    program = str(inside.artefact / "peak")
    build = (*COMPILE.split(), str(inside.source / "peak.c"), "-o", program)
    out, err = str(inside.work / "out"), str(inside.work / "err")
    steps: tuple[tuple[tuple[str, ...], Phase], ...] = ((build, "build"), ((program, str(threads)), "run"))
    try:
        for argv, phase in steps:
            job = Job(argv, str(inside.work), out, err, TIMEOUT_S, OUTPUT_LIMIT_BYTES)
            [result] = executor.run(TOOLS, folders, [job], cpus, phase)
            if not result.ok:
                lines = (folders.work / "err").read_text(encoding="utf-8", errors="replace").strip().splitlines()
                return Absent(f"the peak program {result.describe()}: {lines[-1] if lines else 'no message'}")
        return _parse((folders.work / "out").read_text(encoding="utf-8"))
    except (RunError, HarnessError, OSError, ValueError, KeyError) as error:
        return Absent(f"the peak program cannot be run: {error}")


def _parse(report: str) -> Peak:
    """Return the rates that the peak program printed. Raises ValueError, KeyError if there is anything else."""
    rates: dict[str, dict[int, float]] = {}
    for line in report.splitlines():
        unit, threads, rate = line.split()
        rates.setdefault(unit, {})[int(threads)] = float(rate)
    memory, engine = rates.pop("memory"), rates.pop("engine", {})
    [(isa, gflops)] = rates.items()  # the vector units are the only unit left, named after their instruction set
    return Peak(isa, gflops, memory, engine)


def best_rates(peak: Peak, earlier: Peak | None) -> Peak:
    """Return `peak` with each rate at least as high as in an earlier measurement.

    The peak is measured before and after the kernels. Noise can only lower a rate, so the higher one is kept.
    """
    if earlier is None:
        return peak

    def best(rates: dict[int, float], earlier_rates: dict[int, float]) -> dict[int, float]:
        return {threads: max(rate, earlier_rates.get(threads, 0.0)) for threads, rate in rates.items()}

    return Peak(
        peak.isa,
        best(peak.gflops, earlier.gflops),
        best(peak.memory_gbs, earlier.memory_gbs),
        best(peak.engine_gops, earlier.engine_gops),
        earlier.devices,
    )
