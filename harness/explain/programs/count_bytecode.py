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
monitoring: Any = getattr(sys, "monitoring", None)  # tells of instructions since 3.12; before, a trace function does


def is_own(code: CodeType) -> bool:
    """Return whether a function is of the program's file."""
    return os.path.realpath(code.co_filename) == SOURCE


def count(code: CodeType, offset: int) -> Any:
    """Count an instruction of the program that is about to be executed; ask for no other to be told again."""
    if code not in counts:
        if not is_own(code):
            return monitoring and monitoring.DISABLE
        counts[code] = Counter()
    counts[code][offset] += 1
    return None


def write_in_child(*_: object) -> None:
    """Write what was counted, if this process was forked: it may end without its exit functions."""
    if os.getpid() != main_pid:
        write()


def monitor() -> None:
    """Let the interpreter tell of instructions."""
    monitoring.use_tool_id(monitoring.PROFILER_ID, "count_bytecode")
    for event, callback in ((monitoring.events.INSTRUCTION, count), (monitoring.events.PY_RETURN, write_in_child)):
        monitoring.register_callback(monitoring.PROFILER_ID, event, callback)
    monitoring.set_events(monitoring.PROFILER_ID, monitoring.events.INSTRUCTION | monitoring.events.PY_RETURN)


def trace(frame: FrameType, event: str, argument: object) -> Any:
    """Count the instruction that is about to be executed: what the interpreter calls before 3.12."""
    del argument
    if event == "call":
        if not is_own(frame.f_code):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
    elif event == "opcode":
        count(frame.f_code, frame.f_lasti)
    elif event == "return":
        write_in_child()
    return trace


def write() -> None:
    """Write what was counted so far."""
    functions = []
    for code, executed in list(counts.items()):
        line = code.co_firstlineno
        rows = []
        for each in dis.get_instructions(code):
            # since 3.13, starts_line only says whether it does
            line = getattr(each, "line_number", None) or each.starts_line or line
            target = each.argval if each.opcode in dis.hasjrel or each.opcode in dis.hasjabs else None
            rows.append([each.offset, each.opname, each.argrepr, line, executed[each.offset], target])
        functions.append(rows)
    with open(f"{FOLDER}/{os.getpid()}.json", "w", encoding="utf-8") as file:
        json.dump(functions, file)


sys.argv = sys.argv[2:]
sys.path.insert(0, os.path.dirname(SOURCE))
if monitoring:
    monitor()
else:
    sys.settrace(trace)
try:
    runpy.run_path(SOURCE, run_name="__main__")
finally:
    if monitoring:
        monitoring.set_events(monitoring.PROFILER_ID, 0)
    else:
        sys.settrace(None)
    write()
