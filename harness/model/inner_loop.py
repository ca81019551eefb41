"""Define the hottest loop of a kernel: its machine code, or its bytecode, and what an iteration consists of."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

DOUBLE_BITS = 64
"""The width of a double, in bits."""


class FoundBy(StrEnum):
    """How the hottest loop was found: the program counter was sampled, or instructions were counted one by one."""

    SAMPLES = "samples"
    VALGRIND = "valgrind"
    TRACE = "trace"


@dataclass(frozen=True)
class LoopLine:
    """An instruction of a loop: its address, its text, how often it was found, and the line of the source if known."""

    address: int
    text: str
    count: int = 0
    source: str = ""


@dataclass(frozen=True)
class LoopContent:
    """The instructions of one iteration, by kind.

    `vector_bits` is the width of the widest multiplication or addition of floating-point numbers, `fmas`,
    `multiplications` and `additions` are numbers of instructions, whatever their width. `loads` and `stores` leave out
    `broadcasts`, which fill a vector with one number, and `spills`, which read or write the stack. `multiply_adds` is
    the number of products of two doubles. `one_width` is false if some arithmetic is narrower than the widest.
    """

    instructions: int
    vector_bits: int = 0
    fmas: int = 0
    multiplications: int = 0
    additions: int = 0
    loads: int = 0
    stores: int = 0
    broadcasts: int = 0
    spills: int = 0
    multiply_adds: int = 0
    one_width: bool = True


@dataclass(frozen=True)
class InnerLoop:
    """The hottest loop of a kernel, and what it does in one sentence.

    `found` of `total` samples or counts are in the loop. `place` is the file that has its code, or a name for code that
    was compiled while the program ran. `interpreter_instructions` is the number of the interpreter's instructions for
    one iteration of a loop in bytecode; None for machine code, and where it is not known.
    """

    kernel: str
    found_by: FoundBy
    found: int
    total: int
    place: str
    content: LoopContent
    sentence: str
    lines: tuple[LoopLine, ...]
    interpreter_instructions: float | None = None


@dataclass(frozen=True)
class RunLoops:
    """The hottest loops of a run's kernels, and by kernel why one is missing; `reason` is why all are."""

    loops: tuple[InnerLoop, ...] = ()
    missing: dict[str, str] = field(default_factory=dict)
    reason: str = ""

    def of(self, kernel: str) -> InnerLoop | None:
        """Return the loop of a kernel; None if it is missing."""
        return next((loop for loop in self.loops if loop.kernel == kernel), None)
