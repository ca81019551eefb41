"""A project with one small language, `toy`, that takes no toolchain but this Python."""

from __future__ import annotations

from pathlib import Path

CONFIG = """
n: 64
threads: 2
seed: 1
backend: native
baseline: toy/naive
effort: quick
rounds: 3
target: 0.05
confidence: 0.95
pages: as-is
only: []
quick: {n: 32}
sizes: {n: [], rounds: 3}
check_sizes: [1, 2, 3, 17]
limits: {memory_gib: 2, processes: 128, timeout_s: 60, build_timeout_s: 60}
paths: {kernels: kernels, reports: reports, build: build}
"""

KERNEL = """
name: Toy
version: python3 --version
run: python3 {source}
rungs:
  naive: {source: naive.py}
"""

SOURCE = """
import sys, time
from array import array
from operator import mul

def main(multiply):
    a_path, b_path, c_path, n, rows, threads, reps = *sys.argv[1:4], *map(int, sys.argv[4:])
    a, b = array("d"), array("d")
    with open(a_path, "rb") as f: a.fromfile(f, rows * n)
    with open(b_path, "rb") as f: b.fromfile(f, n * n)
    for _ in range(reps):
        start = time.perf_counter_ns()
        c = multiply(a, b, n, rows)
        print(time.perf_counter_ns() - start)
    with open(c_path, "wb") as f: array("d", c).tofile(f)

def multiply(a, b, n, rows):
    columns = [list(b[j::n]) for j in range(n)]
    lines = (list(a[i * n:(i + 1) * n]) for i in range(rows))
    return [sum(map(mul, line, column)) for line in lines for column in columns]

def spoil(c):
    return c

main(lambda a, b, n, rows: spoil(multiply(a, b, n, rows)))
"""


def make_project(folder: Path) -> Path:
    """Write a config.yaml and the language `toy` into the folder, and return the folder."""
    (folder / "config.yaml").write_text(CONFIG)
    toy = folder / "kernels" / "toy"
    toy.mkdir(parents=True)
    (toy / "kernel.yaml").write_text(KERNEL)
    (toy / "naive.py").write_text(SOURCE)
    return folder


def add_rung(project: Path, name: str, spoil: str) -> None:
    """Add a rung to `toy` whose result goes through `spoil`, the body of a function of c."""
    toy = project / "kernels" / "toy"
    source = name.replace("-", "_") + ".py"
    (toy / source).write_text(SOURCE.replace("    return c\n", f"    {spoil}\n", 1))
    with (toy / "kernel.yaml").open("a") as file:
        file.write(f"  {name}: {{source: {source}}}\n")


def add_absent_language(project: Path) -> None:
    """Add the language `cobol`, whose compiler no machine has."""
    cobol = project / "kernels" / "cobol"
    cobol.mkdir()
    (cobol / "kernel.yaml").write_text(
        "name: COBOL\napt: [gnucobol]\nversion: cobc-none --version\nbuild: cobc-none -o {out} {source}\n"
        "run: '{out}'\nrungs:\n  naive: {source: naive.cob}\n"
    )
    (cobol / "naive.cob").write_text("")
