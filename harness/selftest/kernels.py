"""Kernels that are slower than each other by a known share of extra work, in a folder of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

HERE = Path(__file__).parent / "sources"

PER_MILLE = (0, 5, 10, 20, 30, 50, 100)
"""Extra work in thousandths: 0 is a kernel that does the same as the one that it is compared with."""

N = 400
"""Thousandths of its rows are whole rows for one thread and, from 10 on, for each of two; all of B stays in caches."""

KINDS = {"single": "c/interchange", "parallel": "c/parallel", "jit": "java/interchange"}
"""The kernel that nothing was added to, by what the experiment calls its kind."""

_C = """\
name: C
apt: [gcc, libc6-dev]
version: gcc --version
build: gcc -std=gnu17 -O2 -fno-tree-vectorize -fopenmp {flags} -o {out} {source} driver.c
run: "{out}"
rungs:
"""

_JAVA = """\
name: Java
apt: [openjdk-25-jdk-headless | default-jdk-headless]
version: javac -J--version
build: javac -d {out} Driver.java {source}
run: java {flags} -cp {out} Work
rungs:
"""


def variant(kernel: str, per_mille: int) -> str:
    """The id of the kernel that does so many thousandths more than `kernel`."""
    return f"{kernel}-plus{per_mille}"


def write_kernels(folder: Path, kernels_dir: Path) -> None:
    """Make a kernels folder: each kind once as it is, and once for each share; its drivers are the project's."""
    for language, yaml, rungs, source, flag, drivers in (
        ("c", _C, ("interchange", "parallel"), "work.c", "-DEXTRA={}", ("driver.c", "driver.h")),
        ("java", _JAVA, ("interchange",), "Work.java", "-Dextra={}", ("Driver.java",)),
    ):
        home = folder / language
        home.mkdir(parents=True)
        shutil.copy(HERE / source, home)
        for driver in drivers:
            shutil.copy(kernels_dir / language / driver, home)
        for rung in rungs:
            yaml += f"  {rung}: {{source: {source}, flags: {flag.format(0)}}}\n"
            for share in PER_MILLE:
                yaml += f"  {rung}-plus{share}: {{source: {source}, flags: {flag.format(share)}}}\n"
        (home / "kernel.yaml").write_text(yaml)
