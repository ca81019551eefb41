"""The roofs of this machine, measured by programs/peak.c: what every share of peak is a share of, and memory's rate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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


def best_rates(peak: Peak, known: dict[str, Any]) -> dict[str, Any]:
    """Return the rates of `peak` as run.json has them, each at least as high as in `known`.

    The peak is measured before and after the kernels: noise can only lower a rate, so the higher one is kept.
    """
    kinds = {"gflops": peak.gflops, "memory_gbs": peak.memory_gbs, "engine_gops": peak.engine_gops}
    best = {
        kind: {str(count): max(rate, known.get(kind, {}).get(str(count), 0.0)) for count, rate in rates.items()}
        for kind, rates in kinds.items()
    }
    return {"isa": peak.isa, **best}
