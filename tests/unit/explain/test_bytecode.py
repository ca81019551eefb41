"""Test how the hottest loop of a Python program is found and told."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

from harness.explain import bytecode
from harness.model.inner_loop import FoundBy, InnerLoop
from harness.model.job import Absent

NESTED = [
    [0, "FOR_ITER", "to 22", 2, 20, 22],
    [2, "STORE_FAST", "i", 2, 19, None],
    [4, "FOR_ITER", "to 20", 3, 400, 20],
    [6, "STORE_FAST", "k", 3, 361, None],
    [8, "BINARY_OP", "*", 4, 361, None],
    [10, "BINARY_OP", "+=", 4, 361, None],
    [12, "POP_TOP", "", 5, 0, None],
    [14, "JUMP_BACKWARD", "to 4", 4, 361, 4],
    [20, "JUMP_BACKWARD", "to 0", 2, 19, 0],
    [22, "RETURN_CONST", "None", 6, 1, None],
]

ONCE = [[0, "RESUME", "", 1, 1, None], [2, "RETURN_CONST", "None", 1, 1, None]]

FORKING = """
import os, sys

def multiply(a, b, total=0.0):
    for k in range(100):
        total += a[k] * b[k]
    return total

child = os.fork()
if child:
    os.waitpid(child, 0)
else:
    multiply([1.0] * 100, [2.0] * 100)
    os._exit(0)
"""


def counted(words, folder):
    """Return the functions of a program after it has run."""
    subprocess.run(bytecode.command(words, folder), check=True)
    return bytecode.functions_in(folder)


def test_innermost_loop_is_told_without_what_never_ran():
    loop = bytecode.inner_loop("python/naive", "naive.py", [ONCE, NESTED])

    assert isinstance(loop, InnerLoop)
    assert loop.sentence == (
        "1 multiply-add in 5 instructions of bytecode: 2 BINARY_OP, 1 FOR_ITER, 1 STORE_FAST, 1 JUMP_BACKWARD"
    )
    assert (loop.found_by, loop.found, loop.total) == (FoundBy.TRACE, 1844, 1905)
    assert loop.lines[2].text == "BINARY_OP *" and loop.lines[2].source == "naive.py:4"


def test_program_without_a_loop_has_none():
    assert isinstance(bytecode.inner_loop("x/naive", "naive.py", [ONCE]), Absent)


def test_loop_in_a_forked_process_is_counted(tmp_path):
    program = tmp_path / "forking.py"
    program.write_text(FORKING)
    (tmp_path / "counts").mkdir()

    functions = counted([sys.executable, str(program)], tmp_path / "counts")

    loop = bytecode.inner_loop("x/naive", "forking.py", functions)
    assert loop.content.multiply_adds == 1 and loop.content.additions == 1
    assert {line.count for line in loop.lines} <= {100, 101}


def test_kernel_of_the_project_is_counted(tmp_path):
    from harness.util.paths import ROOT

    for name in "ab":
        (tmp_path / name).write_bytes(struct.pack("<16d", *range(16)))
    words = [sys.executable, ROOT / "kernels/python/naive.py", *(tmp_path / name for name in "abc"), 4, 4, 1, 1]

    functions = counted(list(map(str, words)), tmp_path)

    loop = bytecode.inner_loop("python/naive", "naive.py", functions)
    assert loop.content.multiply_adds == 1 and loop.lines[0].count == 4**3 + 4**2


def test_program_after_its_environment_is_counted_as_well():
    words = bytecode.command(["env", "A=1", "/usr/bin/python3.13", "x.py", "1"], Path("to"))

    assert words == ["env", "A=1", "/usr/bin/python3.13", str(bytecode.PROGRAM), "to", "x.py", "1"]
