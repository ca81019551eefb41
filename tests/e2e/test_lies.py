"""Kernels that were written to cheat, run as a user runs them: each is caught, by the name of the check."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from harness.execute import docker_command
from harness.model.job import Absent
from tests.command import harness
from tests.needs import need

pytestmark = pytest.mark.alone
"""What a kernel says is held against what its launches took: beside another test, both are anybody's guess."""

N = 160
HONEST = """
import os, sys, tempfile, time
from array import array

def multiply(a, b, n, rows, first=0):
    columns = [b[j::n] for j in range(n)]
    return [sum(map(float.__mul__, a[i * n:(i + 1) * n], column)) for i in range(first, rows) for column in columns]

a_path, b_path, c_path, n, rows, threads, reps = *sys.argv[1:4], *map(int, sys.argv[4:])
a, b = array("d"), array("d")
with open(a_path, "rb") as f: a.fromfile(f, rows * n)
with open(b_path, "rb") as f: b.fromfile(f, n * n)
#before
for rep in range(reps):
    start = time.perf_counter_ns()
    c = multiply(a, b, n, rows)  #call
    print(time.perf_counter_ns() - start)
#after
with open(c_path, "wb") as f: array("d", c).tofile(f)
"""
CALL = "    c = multiply(a, b, n, rows)  #call\n"
PRINT = "    print(time.perf_counter_ns() - start)\n"

TWO_PROCESSES = """
    half, (end, mine) = rows // 2, os.pipe()
    if not os.fork():
        with os.fdopen(mine, "wb") as pipe: array("d", multiply(a, b, n, rows, half)).tofile(pipe)
        os._exit(0)
    os.close(mine)
    c = multiply(a, b, n, half)
    with os.fdopen(end, "rb") as pipe: c.extend(array("d", pipe.read()))
    os.wait()
"""

CACHE = """
    path = os.path.join(tempfile.gettempdir(), f"cache-{KEY}")
    if os.path.exists(path):
        c = array("d")
        with open(path, "rb") as f: c.fromfile(f, rows * n)
    else:
        c = multiply(a, b, n, rows)
        with open(path, "wb") as f: array("d", c).tofile(f)
"""

LIES = {
    # name: (what to replace, by what, what the row's reason must say)
    "slow-clock": (PRINT, "    print((time.perf_counter_ns() - start) // 2)\n", "claims: clock:"),
    "one-repetition-for-all": (
        CALL + PRINT,
        "    if not rep: c = multiply(a, b, n, rows); took = time.perf_counter_ns() - start\n    print(took)\n",
        "of computing in a launch that took",
    ),
    "one-repetition-shared-out": (
        CALL + PRINT,
        "    if not rep: c = multiply(a, b, n, rows); took = time.perf_counter_ns() - start\n    print(took // reps)\n",
        "claims:",
    ),
    "more-threads-than-allowed": (CALL, TWO_PROCESSES, "claims: threads:"),
    "float32-inside": (
        "    return [sum(",
        "    a, b = array('f', a), array('f', b)\n    columns = [b[j::n] for j in range(n)]\n    return [sum(",
        "check:",
    ),
    "work-before-the-clock": (
        "#before",
        "known = multiply(a, b, n, rows)",
        ("claims: untimed-work:", "claims: above-peak:"),
    ),
    "copied-from-an-earlier-launch": (CALL, CACHE.replace("KEY", "n}-{rows"), "rows = "),
    "cached-by-its-inputs": (CALL, CACHE.replace("KEY", "hash(a.tobytes())"), "claims: memoised-result:"),
}


def run(folder: Path, backend: str) -> pd.DataFrame:
    toy = folder / "kernels" / "toy"
    toy.mkdir(parents=True)
    docker_python = "apt: [python3-minimal, libpython3-stdlib]\n" if backend == "docker" else ""
    yaml = (
        f"name: Toy\n{docker_python}version: python3 --version\nrun: env PYTHONHASHSEED=0 python3 {{source}}\nrungs:\n"
    )
    (toy / "honest.py").write_text(HONEST)
    yaml += "  naive: {source: honest.py}\n"
    for name, (what, by, _) in LIES.items():
        source = HONEST.replace(what, by, 1)
        assert source != HONEST
        if name == "work-before-the-clock":
            source = source.replace(CALL, "    c = list(known)\n")
        (toy / f"{name}.py").write_text(source)
        yaml += f"  naive-{name}: {{source: {name}.py}}\n"
    (toy / "kernel.yaml").write_text(yaml)
    (folder / "config.yaml").write_text(CONFIG.format(backend=backend))
    done = harness("run-all", "--config", str(folder / "config.yaml"), env={**os.environ, "TMPDIR": str(folder)})
    assert done.returncode == 1, done.stderr
    return pd.read_csv(folder / "reports" / "latest" / "results.csv").set_index("kernel")


CONFIG = f"""
n: {N}
threads: 2
seed: 1
backend: {{backend}}
baseline: toy/naive
budget_s: 2
rounds: 3
min_rounds: 3
target: 0.02
pages: as-is
only: []
quick: {{{{n: 32, budget_s: 0.1, rounds: 2}}}}
sizes: {{{{n: [], budget_s: 0.1, rounds: 3}}}}
check_sizes: [1, 2, 3, 17]
statistics: {{{{confidence: 0.95, resamples: 500}}}}
limits: {{{{memory_gib: 2, processes: 128, timeout_s: 60, build_timeout_s: 60}}}}
paths: {{{{kernels: kernels, reports: reports, build: build}}}}
"""


KEEPERS = ("copied-from-an-earlier-launch", "cached-by-its-inputs")


@pytest.fixture(scope="module")
def native(tmp_path_factory) -> pd.DataFrame:
    return run(tmp_path_factory.mktemp("native"), "native")


@pytest.fixture(scope="module")
def contained(tmp_path_factory) -> pd.DataFrame:
    found = docker_command.engine_version()
    need(not isinstance(found, Absent), f"a Docker engine: {found}")
    return run(tmp_path_factory.mktemp("docker"), "docker")


def says(row: pd.Series, expected: str | tuple[str, ...]) -> bool:
    """Whether a row's reason names the check, or one of those that see the same lie."""
    return any(check in str(row.reason) for check in ([expected] if isinstance(expected, str) else expected))


def test_an_honest_kernel_beside_them_has_its_row(native, contained):
    assert native.status["toy/naive"] == "ok", native.reason["toy/naive"]
    assert contained.status["toy/naive"] == "ok", contained.reason["toy/naive"]


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_caught_by_name_on_the_machine_itself(native, name):
    row = native.loc[f"toy/naive-{name}"]
    assert row.status == "failed" and says(row, LIES[name][2]), row.reason


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_caught_by_name_in_a_container(contained, name):
    row = contained.loc[f"toy/naive-{name}"]
    # nothing is left there from an earlier launch: what is kept is kept from an earlier repetition
    expected = "claims: skipped-repetitions:" if name in KEEPERS else LIES[name][2]
    assert row.status == "failed" and says(row, expected), row.reason
