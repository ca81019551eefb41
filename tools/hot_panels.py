"""Measure the micro-kernels of the packed rungs alone, on panels that stay in the caches, as a share of the peak.

What a whole product takes beyond that is packing, and C's way from and to memory.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from harness.config.command_words import words
from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.execute.native import NativeExecutor, environment
from harness.measure.peak import best_rates, measure_peak
from harness.model.errors import HarnessError
from harness.model.job import Absent, Built, Provided
from harness.model.kernel import Kernel
from harness.model.machine import Peak
from harness.prepare.build import build, home_of
from harness.system import host

PROGRAMS = Path(__file__).resolve().parent / "hot_panels"
"""The folder of a main program for each language, which calls the macro-kernel on one packed block again and again."""


@dataclass(frozen=True)
class Main:
    """Where a main program goes: into `file`, in place of all from the text `begins` on, or behind the whole file.

    `emptied` are files that the build names and that would define a second main program.
    """

    program: str
    file: str
    begins: str = ""
    emptied: tuple[str, ...] = ()


MAINS = {
    "c": Main("hot.c", "packed.c", emptied=("packed_rung.c", "driver.c")),
    "rust": Main("hot.rs", "packed.rs", "fn main()"),
    "zig": Main("hot.zig", "packed.zig", "pub fn main("),
    "java": Main("Hot.java", "Packed.java", "    public static void main"),
    "go": Main("hot.go", "driver.go", "// Started as"),
}

ROUNDS = 5
"""Runs of each program, in turns; the best counts, because noise can only lower a rate."""


def hot_panels(build_dir: Path, rounds: int = ROUNDS) -> tuple[Mapping[str, float], Peak]:
    """Return the rate of each language's micro-kernel in GFLOPS, and the peak of one processor.

    Raises HarnessError if a program cannot be built, fails, or computes wrong sums.
    """
    executor, cpus = NativeExecutor(build_dir), host.usable_cpus(1)
    kernels = {kernel.language: kernel for kernel in load_kernels(load_config().kernels_dir) if kernel.rung == "packed"}
    with tempfile.TemporaryDirectory(prefix="60000x-hot-") as name:
        scratch = Path(name)
        commands = {language: _command(kernels[language], executor, scratch) for language in MAINS}
        rates = dict.fromkeys(commands, 0.0)
        peak: Peak | None = None
        for _ in range(rounds):
            measured = measure_peak(executor, scratch, 1, cpus)
            if isinstance(measured, Absent):
                raise HarnessError(f"hot panels: no peak: {measured}")
            peak = best_rates(measured, peak)
            for language, command in commands.items():
                rates[language] = max(rates[language], _rate(command, cpus))
    assert peak is not None
    return rates, peak


def _command(kernel: Kernel, executor: NativeExecutor, scratch: Path) -> tuple[str, ...]:
    """Build a packed rung as its kernel.yaml says, with another main program; return the command that starts it."""
    folder = scratch / kernel.language
    shutil.copytree(kernel.folder, folder)
    main = MAINS[kernel.language]
    source = (folder / main.file).read_text()
    before = source[: source.index(main.begins)] if main.begins else source
    (folder / main.file).write_text(before + (PROGRAMS / main.program).read_text())
    for file in main.emptied:
        (folder / file).write_text("")
    provided = executor.provide(kernel.toolchain)
    if not isinstance(provided, Provided):
        raise HarnessError(f"hot panels: {kernel.id}: {provided}")
    hot = replace(kernel, folder=folder)
    limits = load_config().limits
    built = build(hot, provided, executor, scratch, limits, host.cpu_identity(), host.usable_cpus(2))
    if not isinstance(built, Built):
        raise HarnessError(f"hot panels: {kernel.id}: {built.reason}")
    artefact = home_of(hot, executor, scratch) / "artefact"
    return words(kernel.run, artefact=artefact, folder=folder, source=kernel.source, flags=kernel.flags)


def _rate(command: tuple[str, ...], cpus: tuple[int, ...]) -> float:
    alone = ["taskset", "--cpu-list", str(cpus[0]), *command]
    done = subprocess.run(alone, capture_output=True, text=True, env=environment(), check=False)
    if done.returncode:
        raise HarnessError(f"hot panels: {command[0]}: exit status {done.returncode}: {done.stderr.strip()}")
    return float(done.stdout)
