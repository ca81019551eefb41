"""Find the hottest loop of a Python program in its bytecode, whose instructions are counted while it runs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.explain.machine_code import hottest, loops_of
from harness.model.inner_loop import FoundBy, InnerLoop, LoopContent, LoopLine
from harness.model.job import Absent

PROGRAM = Path(__file__).resolve().parent / "programs" / "count_bytecode.py"

Function = Sequence[Sequence[Any]]
"""A function's instructions, as PROGRAM writes them: offset, name, operand, line, count, target of a jump."""


def command(words: Sequence[str], folder: Path) -> list[str]:
    """Return the command that runs `... python3 PROGRAM ARGUMENT...`, and writes its counts to a folder."""
    after = 1 + next((i for i, word in enumerate(words) if Path(word).name.startswith("python")), 0)
    return [*words[:after], str(PROGRAM), str(folder), *words[after:]]


def functions_in(folder: Path) -> list[Function]:
    """Return the functions of a program, with the counts that it wrote to a folder."""
    return [function for path in sorted(folder.glob("*.json")) for function in json.loads(path.read_bytes())]


def inner_loop(kernel: str, source: str, functions: Sequence[Function]) -> InnerLoop | Absent:
    """Return the hottest loop of the functions. `source` is the name of their file."""
    best: tuple[int, Function] | None = None
    total = 0
    for function in functions:
        position = {row[0]: i for i, row in enumerate(function)}
        counts = [row[4] for row in function]
        total += sum(counts)
        jumps = [(i, position[row[5]]) for i, row in enumerate(function) if row[5] in position]
        found = hottest(counts, loops_of((end, start) for end, start in jumps if start <= end))
        if found and (best is None or found[1] > best[0]):
            loop, own = found
            # a branch that is not taken costs nothing, and the test of the loop's end comes once more
            best = (own, [row for row in function[loop.start : loop.end + 1] if row[4]])
    if best is None:
        return Absent("no loop of its source was executed")
    own, body = best
    content = LoopContent(
        instructions=len(body),
        multiplications=(products := _operations(body, "*")),
        additions=_operations(body, "+"),
        multiply_adds=products,
    )
    lines = tuple(LoopLine(row[0], f"{row[1]} {row[2]}".strip(), row[4], f"{source}:{row[3]}") for row in body)
    return InnerLoop(kernel, FoundBy.TRACE, own, total, source, content, sentence_of(body, content), lines)


def _operations(body: Function, sign: str) -> int:
    """Return the number of operations with a sign, as such or as an assignment with it."""
    return sum(row[1].startswith("BINARY_") and row[2].rstrip("=") == sign for row in body)


def sentence_of(body: Function, content: LoopContent) -> str:
    """Return what an iteration does as '1 multiply-add in 15 instructions of bytecode: 6 LOAD_FAST, ...'."""
    names = Counter(row[1] for row in body).most_common()
    listed = ", ".join(f"{number} {name}" for name, number in names)
    products = f"{content.multiply_adds} multiply-add{'' if content.multiply_adds == 1 else 's'}"
    return f"{products} in {content.instructions} instructions of bytecode: {listed}"
