"""Write kernels that differ by a known amount of extra work to a folder."""

from __future__ import annotations

import shutil
from pathlib import Path

SOURCES = Path(__file__).parent / "sources"
"""Folder of the sources, which take the amount of extra work as an option."""

PER_MILLE = (0, 5, 10, 20, 30, 50, 100)
"""Extra work of the variants, in thousandths. The variant with 0 does the same work as the original kernel."""

N = 400
"""Size of the matrices: each amount of extra work is a whole number of rows, and from 1% on of rows for each of two
threads. B fits in the caches."""

KINDS = {"single": "c/interchange", "parallel": "c/parallel", "jit": "java/interchange"}
"""The kernel without extra work, by the name of its kind in the experiments."""

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
    """Return the id of the variant of `kernel` with this extra work, in thousandths."""
    return f"{kernel}-plus{per_mille}"


def write_kernels(folder: Path, kernels_dir: Path) -> None:
    """Write a kernels folder: each kind without extra work and with each amount; the drivers are the project's."""
    for language, yaml, rungs, source, flag, drivers in (
        ("c", _C, ("interchange", "parallel"), "work.c", "-DEXTRA={}", ("driver.c", "driver.h")),
        ("java", _JAVA, ("interchange",), "Work.java", "-Dextra={}", ("Driver.java",)),
    ):
        home = folder / language
        home.mkdir(parents=True)
        shutil.copy(SOURCES / source, home)
        for driver in drivers:
            shutil.copy(kernels_dir / language / driver, home)
        for rung in rungs:
            yaml += f"  {rung}: {{source: {source}, flags: {flag.format(0)}}}\n"
            for per_mille in PER_MILLE:
                yaml += f"  {rung}-plus{per_mille}: {{source: {source}, flags: {flag.format(per_mille)}}}\n"
        (home / "kernel.yaml").write_text(yaml, encoding="utf-8")
