"""The roofs of this machine, measured by native/peak.c: what every share of peak is a share of, and memory's rate."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from harness.execute import Executor, RunError
from harness.execute.launcher import NATIVE, TOOLS
from harness.model import Absent, Folders, HarnessError, Job
from harness.scratch import fresh

COMPILE = "gcc -std=gnu17 -O2 -march=native -Wall -Wextra -pthread"


@dataclass(frozen=True)
class Peak:
    """By number of threads: GFLOPS of the vector units, with the instruction set that gave them, and GB/s from memory;
    where there is a matrix engine, the 10^9 operations a second that it does on bytes."""

    isa: str
    gflops: dict[int, float]
    memory_gbs: dict[int, float] = field(default_factory=dict)
    engine_gops: dict[int, float] = field(default_factory=dict)


def measure_peak(executor: Executor, scratch: Path, threads: int, cpus: tuple[int, ...]) -> Peak | Absent:
    """Build and run the peak program where the kernels run."""
    provided = executor.provide(TOOLS)
    if isinstance(provided, Absent):
        return provided
    folders = Folders(NATIVE, fresh(scratch, "peak"), scratch, fresh(scratch, "peak-work"))
    seen = executor.view(folders)
    program = str(seen.artefact / "peak")
    build = (*COMPILE.split(), str(seen.source / "peak.c"), "-o", program)
    try:
        for argv, phase in ((build, "build"), ((program, str(threads)), "run")):
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
