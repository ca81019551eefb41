"""Read the disassembly of objdump, and find the loops in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_LINE = re.compile(r"^\s+([0-9a-f]+):\t(.*?)\s*$", re.MULTILINE)

_JUMP = re.compile(
    r"(?:notrack |bnd )?(?:j\w+|b(?:\.\w+)?|cbn?z\s+\w+,|tbn?z\s+\w+,\s*#\w+,)\s+(?:0x)?([0-9a-f]+)(?:\s+<.*>)?$"
)
"""A jump to an address, of x86-64 or ARM64. Names of instructions that only begin so, as `bl`, take no such operand."""

MAX_INSTRUCTIONS = 4000
"""Number of instructions from which on a jump back is taken for a call of an earlier function, not for a loop. The
longest inner loops of this project's kernels have some 300."""


@dataclass(frozen=True)
class Instruction:
    """An instruction: its address, and its text as objdump writes it (AT&T's syntax on x86-64)."""

    address: int
    text: str


@dataclass(frozen=True)
class Loop:
    """The instructions from the target of a jump back to the jump, both included, by their position in the listing."""

    start: int
    end: int

    def contains(self, other: Loop) -> bool:
        """Return whether the other loop is a part of this one."""
        return self != other and self.start <= other.start and other.end <= self.end


def parse(listing: str) -> list[Instruction]:
    """Return the instructions in the output of `objdump -d --no-show-raw-insn`."""
    return [Instruction(int(address, 16), _without_comment(text)) for address, text in _LINE.findall(listing)]


def _without_comment(text: str) -> str:
    """Return an instruction without objdump's remark on the address that it computes, and with single spaces."""
    return re.sub(r"\s+", " ", re.split(r"\s+(?:#|//)\s", text)[0]).strip()


def loops(code: Sequence[Instruction]) -> list[Loop]:
    """Return the loops of a listing."""
    position = {instruction.address: i for i, instruction in enumerate(code)}
    jumps = []
    for i, instruction in enumerate(code):
        jump = _JUMP.match(instruction.text)
        start = position.get(int(jump[1], 16)) if jump else None
        if start is not None and start <= i < start + MAX_INSTRUCTIONS:
            jumps.append((i, start))
    return loops_of(jumps)


def loops_of(jumps: Iterable[tuple[int, int]]) -> list[Loop]:
    """Return the loops that jumps back make, each given by its position and its target's: one for each target."""
    ends: dict[int, int] = {}
    for end, start in jumps:
        ends[start] = max(end, ends.get(start, end))
    return [Loop(start, end) for start, end in ends.items()]


def hottest(counts: Sequence[int], every: Sequence[Loop]) -> tuple[Loop, int] | None:
    """Return the loop with the most counts that are in no loop within it, and the number of these; None without any.

    `counts` has a number for each instruction of the listing.
    """
    best: tuple[Loop, int] | None = None
    for loop in every:
        if not any(counts[loop.start : loop.end + 1]):
            continue
        within = [other for other in every if loop.contains(other)]
        own = sum(
            counts[i]
            for i in range(loop.start, loop.end + 1)
            if not any(other.start <= i <= other.end for other in within)
        )
        if own and (best is None or own > best[1]):
            best = (loop, own)
    return best
