"""Tell what the instructions of a loop do: arithmetic, loads, stores, broadcasts and spills. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.explain.machine_code import Instruction
from harness.model.inner_loop import DOUBLE_BITS, LoopContent


@dataclass(frozen=True)
class _Kind:
    """What one instruction does; `lanes` is the number of doubles that its arithmetic computes."""

    fma: bool = False
    multiplication: bool = False
    addition: bool = False
    lanes: int = 0
    loads: int = 0
    stores: int = 0
    broadcast: bool = False
    stack: bool = False


def content_of(loop: Sequence[Instruction], architecture: str, frame_pointer: bool = False) -> LoopContent:
    """Return the instructions of a loop by kind. `frame_pointer`: the function keeps its frame in %rbp.

    `architecture` is x86_64 or aarch64, as `uname -m` says.
    """
    if architecture == "aarch64":
        kinds = [_arm64(instruction.text) for instruction in loop]
    else:
        kinds = [_x86_64(instruction.text, frame_pointer) for instruction in loop]
    memory = [kind for kind in kinds if not kind.stack and not kind.broadcast]
    return LoopContent(
        instructions=len(loop),
        vector_bits=max((kind.lanes for kind in kinds), default=0) * DOUBLE_BITS,
        fmas=sum(kind.fma for kind in kinds),
        multiplications=sum(kind.multiplication for kind in kinds),
        additions=sum(kind.addition for kind in kinds),
        loads=sum(kind.loads for kind in memory),
        stores=sum(kind.stores for kind in memory),
        broadcasts=sum(kind.broadcast for kind in kinds),
        spills=sum(kind.loads + kind.stores for kind in kinds if kind.stack),
        multiply_adds=sum(kind.lanes for kind in kinds if kind.fma or kind.multiplication),
        one_width=len({kind.lanes for kind in kinds if kind.lanes}) <= 1,
    )


_X86_ARITHMETIC = re.compile(r"v?(f?n?m(?:add|sub)(?:add|sub)?\d+|mul|add|sub)(p|s)d\b")
_X86_MEMORY = re.compile(r"[-\w]*(?:%\w+:)?[-\w]*\(([^)]*)\)")
_NO_ACCESS = re.compile(r"(?:lea|nop|data16|cs nop|prefetch|call|jmp|endbr|ret)")
_X86_BROADCAST = re.compile(r"vbroadcast|vpbroadcast|v?movddup")
_X86_READS_LAST = re.compile(r"(?:cmp|test|bt|v?ucomis|v?comis|mul|imul|div|idiv|push)")
_X86_WRITES_ONLY = re.compile(r"(?:v?mov|v?extract|vp?scatter|set|pop|vcompress)")


def _x86_64(text: str, frame_pointer: bool) -> _Kind:
    operation, _, operands = text.partition(" ")
    arithmetic = _X86_ARITHMETIC.match(operation)
    kind = _Kind()
    if arithmetic:
        name = arithmetic[1]
        kind = _Kind(
            fma=name.startswith(("fm", "fn")),
            multiplication=name == "mul",
            addition=name in ("add", "sub"),
            lanes=1 if arithmetic[2] == "s" else _x86_bits(operands) // DOUBLE_BITS,
        )
    if _X86_BROADCAST.match(operation) or "{1to" in operands:
        kind = replace(kind, broadcast=True)
    memory = _X86_MEMORY.search(operands)
    if not memory or _NO_ACCESS.match(text):
        return kind
    last = operands.rstrip().endswith(")") or bool(re.search(r"\)(?:\{[^}]*\})+$", operands) and "{1to" not in operands)
    reads_only = not last or "," not in _outside_parentheses(operands) or _X86_READS_LAST.match(operation)
    base = memory[1].split(",")
    stack = base[0] == "%rsp" or (frame_pointer and base[0] == "%rbp")
    if reads_only:
        return replace(kind, loads=1, stack=stack)
    if _X86_WRITES_ONLY.match(operation):
        return replace(kind, stores=1, stack=stack)
    return replace(kind, loads=1, stores=1, stack=stack)  # `addq $1,8(%rax)` reads it as well


def _outside_parentheses(operands: str) -> str:
    return re.sub(r"\([^)]*\)", "", operands)


def _x86_bits(operands: str) -> int:
    return next((bits for name, bits in (("%zmm", 512), ("%ymm", 256), ("%xmm", 128)) if name in operands), 0)


_ARM_ARITHMETIC = re.compile(r"(fmla|fmls|fn?madd|fn?msub|fmul|fadd|fsub)\b")
_ARM_LOAD = re.compile(r"ldn?p|ldu?r|ld[1-4]r?\b")
_ARM_STORE = re.compile(r"stn?p|stu?r|st[1-4]\b")


def _arm64(text: str) -> _Kind:
    operation, _, operands = text.partition(" ")
    if (arithmetic := _ARM_ARITHMETIC.match(operation)) and (lanes := _arm_lanes(operands)):
        name = arithmetic[1]
        return _Kind(
            fma=name in ("fmla", "fmls", "fmadd", "fmsub", "fnmadd", "fnmsub"),
            multiplication=name == "fmul",
            addition=name in ("fadd", "fsub"),
            lanes=lanes,
        )
    pair = 2 if operation in ("ldp", "ldnp", "stp", "stnp") else 1
    stack = "[sp" in operands
    if _ARM_LOAD.match(operation):
        return _Kind(loads=pair, stack=stack, broadcast=operation == "ld1r")
    if _ARM_STORE.match(operation):
        return _Kind(stores=pair, stack=stack)
    return _Kind(broadcast=operation == "dup")


def _arm_lanes(operands: str) -> int:
    """Return the doubles of an operation; 0 for other types, and for SVE, whose vectors have no fixed width."""
    if re.match(r"v\d+\.2d", operands):
        return 2
    return 1 if re.match(r"d\d+", operands) else 0


def sentence_of(content: LoopContent) -> str:
    """Return what an iteration does as '24 FMAs of 8 doubles for 3 loads and 8 broadcasts; no spill; ...'."""
    if not content.multiply_adds:
        return f"no multiplication of doubles in the {_number(content.instructions, 'instruction')} of the hottest loop"
    lanes = content.vector_bits // DOUBLE_BITS
    arithmetic = [
        (content.fmas, "FMA"),
        (content.multiplications, "multiplication"),
        (content.additions, "addition"),
    ]
    access = [(content.loads, "load"), (content.stores, "store"), (content.broadcasts, "broadcast")]
    width = "one double" if lanes == 1 else f"{'' if content.one_width else 'up to '}{lanes} doubles"
    return (
        f"{_listed(arithmetic)} of {width} {'for ' + _listed(access) if _listed(access) else 'without a load'}; "
        f"{_number(content.spills, 'spill') if content.spills else 'no spill'}; "
        f"{_number(content.multiply_adds, 'multiply-add')} in {_number(content.instructions, 'instruction')}"
    )


def _listed(counts: Sequence[tuple[int, str]]) -> str:
    words = [_number(count, name) for count, name in counts if count]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _number(count: int, name: str) -> str:
    return f"{count} {name}{'' if count == 1 else 's'}"
