"""Kernels that break or do harm, in one table: the source of each, and what a run must find where.

Every source is `HONEST` with some lines replaced.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tests.command import harness

HONEST = """
import os, sys, time
from array import array
from operator import mul

def multiply(a, b, n, rows):
    columns = [list(b[j::n]) for j in range(n)]
    lines = (list(a[i * n:(i + 1) * n]) for i in range(rows))
    return [sum(map(mul, line, column)) for line in lines for column in columns]

a_path, b_path, c_path, n, rows, threads, reps = *sys.argv[1:4], *map(int, sys.argv[4:])
a, b = array("d"), array("d")
with open(a_path, "rb") as f: a.fromfile(f, rows * n)
with open(b_path, "rb") as f: b.fromfile(f, n * n)
#before
for rep in range(reps):
    start = time.perf_counter_ns()
    c = multiply(a, b, n, rows)
    print(time.perf_counter_ns() - start)
with open(c_path, "wb") as f: array("d", c).tofile(f)
"""
READ = 'with open(a_path, "rb") as f: a.fromfile(f, rows * n)\n'
BEFORE = "#before\n"
CALL = "    c = multiply(a, b, n, rows)\n"
CLOCK = "    print(time.perf_counter_ns() - start)\n"
OUTPUT = 'with open(c_path, "wb") as f: array("d", c).tofile(f)\n'

MARK = "MARK"
"""Stands in a source for the number by which the processes of one run are found again."""

MEASURED: tuple[str, ...] = ()
"""The kernel does its work all the same, and has a time."""


@dataclass(frozen=True)
class Hostile:
    """A kernel, and the reasons of which its failed row must have one, by the backend that it runs on.

    MEASURED in place of reasons means that the row must be ok.
    """

    name: str
    edits: Mapping[str, str]
    reasons: Mapping[str, tuple[str, ...]]

    @property
    def id(self) -> str:
        """The name of the kernel in a run."""
        return f"toy/naive-{self.name}"

    @property
    def source(self) -> str:
        """The program, with MARK in it."""
        source = HONEST
        for before, after in self.edits.items():
            assert source.count(before) == 1, (self.name, before)
            source = source.replace(before, after)
        return source


def both(name: str, edits: Mapping[str, str], *reasons: str) -> Hostile:
    """Return a kernel that fails for one of the same reasons on both backends; without a reason it is measured."""
    return Hostile(name, edits, {"native": reasons, "docker": reasons})


def contained(name: str, edits: Mapping[str, str], *reasons: str) -> Hostile:
    """Return a kernel that only a container confines."""
    return Hostile(name, edits, {"docker": reasons})


FAULTS = (
    both("crashes", {BEFORE: "os.kill(os.getpid(), 11)\n"}, "was killed by SIGSEGV"),
    both("hangs", {BEFORE: "while True: time.sleep(1)\n"}, "was stopped when its time limit ran out"),
    both(
        "ignores-sigterm",
        {BEFORE: "import signal\nfor s in (2, 15): signal.signal(s, signal.SIG_IGN)\nwhile True: time.sleep(1)\n"},
        "was stopped when its time limit ran out",
    ),
    both("never-reads", {READ: "a.extend([1.0] * rows * n)\n"}, "values are wrong"),
    both("no-output", {OUTPUT: ""}, "output"),
    both("too-short", {OUTPUT: OUTPUT.replace("c)", "c[:-1])")}, "wrote 0 bytes where 1 x 1 float64"),
    both("too-long", {OUTPUT: OUTPUT.replace("c)", "list(c) + [0.0])")}, "wrote 16 bytes where 1 x 1 float64"),
    both("nan", {OUTPUT: OUTPUT.replace("c)", "[float('nan')] * len(c))")}, "values are wrong"),
    both(
        "transposed",
        {CALL: CALL + "    c = [c[j * n + i] for i in range(n) for j in range(n)] if rows == n else c\n"},
        "wrong",
    ),
    both(
        "last-bit",
        {OUTPUT: "data = bytearray(array('d', c).tobytes())\ndata[-8] ^= 1\nopen(c_path, 'wb').write(data)\n"},
        "1 of 1 values are wrong",
    ),
    both("right-at-first", {CALL: CALL + "    if rep: c = [x + 1 for x in c]\n"}, "values are wrong"),
    both("prints-garbage", {CLOCK: "    print('about a second')\n"}, "printed 'about a second' where a time in ns"),
    both("prints-a-gigabyte", {CLOCK: "    for i in range(1024): sys.stdout.write('x' * 2**20)\n"}, "File too large"),
    both("prints-nothing", {CLOCK: ""}, "printed 0 lines where 2 were expected"),
    both("negative-time", {CLOCK: "    print(-5)\n"}, "printed '-5' where a time in ns"),
    both("zero-time", {CLOCK: "    print(0)\n"}, "printed '0' where a time in ns"),
    both("too-many-lines", {CLOCK: CLOCK + CLOCK}, "printed 4 lines where 2 were expected"),
    both(
        "forks-without-end",
        {BEFORE: "while True:\n    try: os.fork()\n    except OSError: time.sleep(0.01)\n"},
        "more processes and threads than",
        "time limit ran out",
        "killed",
    ),
    both("takes-all-memory", {BEFORE: "x = []\nwhile True: x.append(bytearray(2**26))\n"}, "MemoryError", "killed"),
    both(
        "fills-the-disk",
        {OUTPUT: 'f = open(c_path, "wb")\nwhile True: f.write(bytes(2**20))\n'},
        "File too large",
    ),
    both(
        "leaves-children",
        {BEFORE: f"import subprocess; subprocess.Popen(['sleep', '{MARK}'], start_new_session=True)\n"},
        *MEASURED,
    ),
    both(
        "changes-its-inputs",
        {OUTPUT: OUTPUT + "os.chmod(b_path, 0o644)\nwith open(b_path, 'r+b') as f: f.write(b'x')\n"},
        "changed its inputs",
        "Read-only file system",
        "Operation not permitted",
    ),
    contained(
        "writes-elsewhere",
        {BEFORE: "open(os.path.join(os.path.dirname(__file__), 'x'), 'w')\n"},
        "Read-only file system",
    ),
    contained(
        "opens-the-network",
        {BEFORE: "import socket\nsocket.create_connection(('1.1.1.1', 53), 5)\n"},
        "Network is unreachable",
    ),
)
"""Kernels that break or do harm."""

CONFIG = """
n: 230
threads: 2
seed: 1
backend: {backend}
baseline: toy/naive
effort: default
rounds: 3
target: 0.05
confidence: 0.95
pages: as-is
only: []
quick: {{n: 32}}
sizes: {{n: [], rounds: 3}}
check_sizes: [1, 2, 3, 17]
limits: {{memory_gib: 1, processes: 200, timeout_s: 10, build_timeout_s: 60}}
paths: {{kernels: kernels, reports: reports, build: build}}
"""
"""A checked product takes a second, and several on a busy machine; kernels that hang wait side by side."""

KERNEL = """
name: Toy
{packages}version: python3 --version
run: env PYTHONHASHSEED=0 python3 {{source}}
rungs:
  naive: {{source: naive.py}}
  interchange: {{source: naive.py}}
  naive-does-not-build: {{source: naive.py, build: python3 broken.py}}
  naive-needs-what-is-absent: {{source: naive.py, version: no-such-program --version}}
"""
PACKAGES = {"native": "", "docker": "apt: [python3-minimal, libpython3-stdlib]\n"}


def write_project(folder: Path, backend: str, mark: str) -> None:
    """Write a project with all hostile kernels, two honest ones, and two that cannot be built or started."""
    toy = folder / "kernels" / "toy"
    toy.mkdir(parents=True)
    text = KERNEL.format(packages=PACKAGES[backend])
    for kernel in FAULTS:
        if backend in kernel.reasons:
            (toy / f"{kernel.name}.py").write_text(kernel.source.replace(MARK, mark))
            text += f"  naive-{kernel.name}: {{source: {kernel.name}.py}}\n"
    (toy / "naive.py").write_text(HONEST)
    (toy / "broken.py").write_text("raise SystemExit('line 7: error: no such word')\n")
    (toy / "kernel.yaml").write_text(text)
    (folder / "config.yaml").write_text(CONFIG.format(backend=backend))


def run_project(folder: Path) -> None:
    """Run a project with hostile kernels as a user does; what it leaves in TMPDIR lies in its folder."""
    environment = {**os.environ, "TMPDIR": str(folder)}
    done = harness("run-all", "--config", str(folder / "config.yaml"), env=environment)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr


def rows(folder: Path) -> pd.DataFrame:
    """Return the rows of the project's run by the name of their kernel."""
    return pd.read_csv(folder / "reports" / "latest" / "results.csv").set_index("kernel")


def assert_found(row: pd.Series, reasons: tuple[str, ...]) -> None:
    """Fail unless the row has failed for one of these reasons, or is ok where there are none."""
    if reasons == MEASURED:
        assert row.status == "ok", row.reason
        return
    assert row.status == "failed", row.reason
    assert any(reason in row.reason for reason in reasons), row.reason
