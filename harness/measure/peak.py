"""The roofs of this machine, measured by programs/peak.c: what every share of peak is a share of, and memory's rate."""

from __future__ import annotations

from pathlib import Path

from harness.execute.executor import Executor, Phase, RunError
from harness.execute.launcher import TOOLS
from harness.model.errors import HarnessError
from harness.model.job import Absent, Folders, Job
from harness.model.machine import Peak
from harness.util.scratch import fresh

PROGRAMS = Path(__file__).resolve().parent / "programs"
COMPILE = "gcc -std=gnu17 -O2 -march=native -Wall -Wextra -pthread"


def measure_peak(executor: Executor, scratch: Path, threads: int, cpus: tuple[int, ...]) -> Peak | Absent:
    """Build and run the peak program where the kernels run."""
    provided = executor.provide(TOOLS)
    if isinstance(provided, Absent):
        return provided
    folders = Folders(PROGRAMS, fresh(scratch, "peak"), scratch, fresh(scratch, "peak-work"))
    seen = executor.view(folders)
    program = str(seen.artefact / "peak")
    build = (*COMPILE.split(), str(seen.source / "peak.c"), "-o", program)
    steps: tuple[tuple[tuple[str, ...], Phase], ...] = ((build, "build"), ((program, str(threads)), "run"))
    try:
        for argv, phase in steps:
            job = Job(argv, str(seen.work), str(seen.work / "out"), str(seen.work / "err"), 120, 2**24)
            [result] = executor.run(TOOLS, folders, [job], cpus, phase)
            if not result.ok:
                said = (folders.work / "err").read_text(errors="replace").strip().splitlines()
                return Absent(f"the peak program {result.describe()}: {said[-1] if said else 'it said nothing'}")
        lines = [line.split() for line in (folders.work / "out").read_text().splitlines()]
        rates: dict[str, dict[int, float]] = {}
        for what, count, rate in lines:
            rates.setdefault(what, {})[int(count)] = float(rate)
        memory, engine = rates.pop("memory"), rates.pop("engine", {})
        [(isa, gflops)] = rates.items()
        return Peak(isa, gflops, memory, engine)
    except (RunError, HarnessError, OSError, ValueError, KeyError) as error:
        return Absent(f"the peak program cannot be run: {error}")


def best_rates(peak: Peak, before: Peak | None) -> Peak:
    """Return `peak` with each rate at least as high as in an earlier measurement.

    The peak is measured before and after the kernels: noise can only lower a rate, so the higher one is kept.
    """
    if before is None:
        return peak

    def best(rates: dict[int, float], earlier: dict[int, float]) -> dict[int, float]:
        return {threads: max(rate, earlier.get(threads, 0.0)) for threads, rate in rates.items()}

    return Peak(
        peak.isa,
        best(peak.gflops, before.gflops),
        best(peak.memory_gbs, before.memory_gbs),
        best(peak.engine_gops, before.engine_gops),
    )
