"""Kernels that break, hang, lie about their output or misbehave: each is a row with its reason, and hurts nobody."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from harness.execute import docker_command
from harness.model.job import Absent
from tests.command import command_lines, harness
from tests.needs import need
from tests.toy import CONFIG, SOURCE

pytestmark = pytest.mark.alone
"""One of them forks without end, and one hangs: beside another test, that would be its trouble."""

MAIN = "main(lambda a, b, n, rows: spoil(multiply(a, b, n, rows)))\n"
OUTPUT = '    with open(c_path, "wb") as f: array("d", c).tofile(f)\n'
CLOCK = "        print(time.perf_counter_ns() - start)\n"
CALL = "        c = multiply(a, b, n, rows)\n"
READ = '    with open(a_path, "rb") as f: a.fromfile(f, rows * n)\n'

FAULTS = {
    # name: (what to replace, by what, what the row's reason must say)
    "crashes": (MAIN, "import os; os.kill(os.getpid(), 11)\n", "was killed by SIGSEGV"),
    "hangs": (MAIN, "while True: time.sleep(1)\n", "was stopped when its time limit ran out"),
    "ignores-sigterm": (
        MAIN,
        "import signal\nfor s in (2, 15): signal.signal(s, signal.SIG_IGN)\nwhile True: time.sleep(1)\n",
        "was stopped when its time limit ran out",
    ),
    "never-reads": (READ, "    a.extend([1.0] * rows * n)\n", "values are wrong"),
    "no-output": (OUTPUT, "", "output"),
    "too-short": (OUTPUT, OUTPUT.replace("c)", "c[:-1])"), "wrote 0 bytes where 1 x 1 float64"),
    "too-long": (OUTPUT, OUTPUT.replace("c)", "list(c) + [0.0])"), "wrote 16 bytes where 1 x 1 float64"),
    "nan": (OUTPUT, OUTPUT.replace("c)", "[float('nan')] * len(c))"), "values are wrong"),
    "transposed": (
        CALL,
        CALL + "        c = [c[j * n + i] for i in range(n) for j in range(n)] if rows == n else c\n",
        "wrong",
    ),
    "last-bit": (
        OUTPUT,
        "    data = bytearray(array('d', c).tobytes())\n    data[-8] ^= 1\n    open(c_path, 'wb').write(data)\n",
        "1 of 1 values are wrong",
    ),
    "right-at-first": (CALL, CALL + "        if _: c = [x + 1 for x in c]\n", "values are wrong"),
    "prints-garbage": (CLOCK, "        print('about a second')\n", "printed 'about a second' where a time in ns"),
    "prints-a-gigabyte": (CLOCK, "        for i in range(1024): sys.stdout.write('x' * 2**20)\n", "File too large"),
    "prints-nothing": (CLOCK, "", "printed 0 lines where 2 were asked for"),
    "negative-time": (CLOCK, "        print(-5)\n", "printed '-5' where a time in ns"),
    "zero-time": (CLOCK, "        print(0)\n", "printed '0' where a time in ns"),
    "too-many-lines": (CLOCK, CLOCK + CLOCK, "printed 4 lines where 2 were asked for"),
    "forks-without-end": (
        MAIN,
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: time.sleep(0.01)\n",
        ("more processes and threads than", "time limit ran out", "killed"),
    ),
    "takes-all-memory": (MAIN, "x = []\nwhile True: x.append(bytearray(2**26))\n", ("MemoryError", "killed")),
    "fills-the-disk": (OUTPUT, '    f = open(c_path, "wb")\n    while True: f.write(bytes(2**20))\n', "File too large"),
    "leaves-children": (
        MAIN,
        "import subprocess; subprocess.Popen(['sleep', 'MARK'], start_new_session=True)\n" + MAIN,
        None,  # it is right otherwise; its child must be gone
    ),
    "changes-its-inputs": (
        OUTPUT,
        OUTPUT + "    import os\n    os.chmod(b_path, 0o644)\n    with open(b_path, 'r+b') as f: f.write(b'x')\n",
        ("changed its inputs", "Read-only file system", "Operation not permitted"),
    ),
}
DOCKER_ONLY = {
    "writes-elsewhere": (
        MAIN,
        "import os\nopen(os.path.join(os.path.dirname(__file__), 'x'), 'w')\n",
        "Read-only file system",
    ),
    "opens-the-network": (
        MAIN,
        "import socket\nsocket.create_connection(('1.1.1.1', 53), 5)\n",
        "Network is unreachable",
    ),
}
MARK = f"86{os.getpid()}"


def run(folder: Path, backend: str) -> pd.DataFrame:
    faults = FAULTS | (DOCKER_ONLY if backend == "docker" else {})
    toy = folder / "kernels" / "toy"
    toy.mkdir(parents=True)
    apt = "apt: [python3-minimal, libpython3-stdlib]\n" if backend == "docker" else ""
    text = f"name: Toy\n{apt}version: python3 --version\nrun: python3 {{source}}\nrungs:\n"
    text += "  naive: {source: naive.py}\n  interchange: {source: naive.py}\n"
    (toy / "naive.py").write_text(SOURCE)
    for name, (what, by, _) in faults.items():
        source = SOURCE.replace(what, by.replace("MARK", MARK), 1)
        assert source != SOURCE, name
        (toy / f"{name}.py").write_text(source)
        text += f"  naive-{name}: {{source: {name}.py}}\n"
    (toy / "broken.py").write_text("raise SystemExit('line 7: error: no such word')\n")
    text += "  naive-does-not-build: {source: naive.py, build: python3 broken.py}\n"
    text += "  naive-needs-what-is-absent: {source: naive.py, version: no-such-program --version}\n"
    (toy / "kernel.yaml").write_text(text)
    # a checked product takes a second, and several on a busy machine; those that hang wait side by side
    limits = "limits: {memory_gib: 1, processes: 200, timeout_s: 10, build_timeout_s: 60}"
    config = CONFIG.replace("backend: native", f"backend: {backend}")
    config = "\n".join(limits if line.startswith("limits:") else line for line in config.splitlines())
    (folder / "config.yaml").write_text(config)
    done = harness("run-all", "--config", str(folder / "config.yaml"), env={**os.environ, "TMPDIR": str(folder)})
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return pd.read_csv(folder / "reports" / "latest" / "results.csv").set_index("kernel")


@pytest.fixture(scope="module")
def native(tmp_path_factory) -> pd.DataFrame:
    return run(tmp_path_factory.mktemp("native"), "native")


@pytest.fixture(scope="module")
def contained(tmp_path_factory) -> pd.DataFrame:
    found = docker_command.engine_version()
    need(not isinstance(found, Absent), f"a Docker engine: {found}")
    return run(tmp_path_factory.mktemp("docker"), "docker")


def judge(frame: pd.DataFrame, name: str, expected: str | tuple[str, ...] | None) -> None:
    row = frame.loc[f"toy/naive-{name}"]
    if expected is None:
        assert row.status == "ok", row.reason
        return
    assert row.status == "failed", row.reason
    said = [expected] if isinstance(expected, str) else expected
    assert any(part in row.reason for part in said), row.reason


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_a_row_on_the_machine_itself(native, name):
    judge(native, name, FAULTS[name][2])


@pytest.mark.parametrize("name", FAULTS | DOCKER_ONLY)
def test_a_fault_is_a_row_in_a_container(contained, name):
    judge(contained, name, (FAULTS | DOCKER_ONLY)[name][2])


@pytest.mark.parametrize("where", ["native", "contained"])
def test_the_rest_of_the_run_finishes_beside_them(where, request):
    frame = request.getfixturevalue(where)
    for kernel in ("toy/naive", "toy/interchange"):
        assert frame.status[kernel] == "ok", frame.reason[kernel]
    assert "error: no such word" in frame.reason["toy/naive-does-not-build"]
    absent = frame.loc["toy/naive-needs-what-is-absent"]
    assert absent.status == "skipped" and "no-such-program" in absent.reason


def test_nothing_that_they_started_is_left(native, contained):
    assert not [words for words in command_lines().values() if MARK in words]
