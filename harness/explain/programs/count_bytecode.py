"""Run a Python program, and count how often each of its bytecode instructions is executed.

Started as `python3 count_bytecode.py FOLDER PROGRAM ARGUMENT...`. Writes FOLDER/PID.json for the process and for each
that it forked: a list of functions, each with its instructions [offset, name, operand, line, count, target of a jump].
"""

import dis
import json
import os
import runpy
import sys
from collections import Counter
from types import CodeType, FrameType
from typing import Any

FOLDER, SOURCE = sys.argv[1], os.path.realpath(sys.argv[2])
counts: dict[CodeType, Counter[int]] = {}  # by function: of each instruction, by its offset
main_pid = os.getpid()


def trace(frame: FrameType, event: str, argument: object) -> Any:
    """Count the instruction that is about to be executed. Called by the interpreter."""
    del argument
    code = frame.f_code
    if event == "call":
        if os.path.realpath(code.co_filename) != SOURCE:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        counts.setdefault(code, Counter())
    elif event == "opcode":
        counts[code][frame.f_lasti] += 1
    elif event == "return" and os.getpid() != main_pid:
        write()  # a forked process may end without its exit functions
    return trace


def write() -> None:
    """Write what was counted so far."""
    functions = []
    for code, executed in counts.items():
        line = code.co_firstlineno
        rows = []
        for each in dis.get_instructions(code):
            line = getattr(each, "line_number", None) or each.starts_line or line
            target = each.argval if each.opcode in dis.hasjrel or each.opcode in dis.hasjabs else None
            rows.append([each.offset, each.opname, each.argrepr, line, executed[each.offset], target])
        functions.append(rows)
    with open(f"{FOLDER}/{os.getpid()}.json", "w", encoding="utf-8") as file:
        json.dump(functions, file)


sys.argv = sys.argv[2:]
sys.path.insert(0, os.path.dirname(SOURCE))
sys.settrace(trace)
try:
    runpy.run_path(SOURCE, run_name="__main__")
finally:
    sys.settrace(None)
    write()
