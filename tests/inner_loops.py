"""Build a hottest loop, as a run has one for each kernel."""

from __future__ import annotations

from typing import Any

from harness.model.inner_loop import FoundBy, InnerLoop, LoopContent, LoopLine

LINES = (LoopLine(0x10, "vfmadd231pd (%rax),%zmm0,%zmm1", 470, "packed.c:9"), LoopLine(0x16, "jne 0x10", 10))


def inner_loop(kernel: str = "c/packed", **fields: Any) -> InnerLoop:
    """Return a loop of one FMA in which 480 of 500 samples were."""
    defaults = {
        "found_by": FoundBy.SAMPLES,
        "found": 480,
        "total": 500,
        "place": kernel,
        "content": LoopContent(2, vector_bits=512, fmas=1, loads=1, multiply_adds=8),
        "sentence": "1 FMA of 8 doubles for 1 load; no spill; 8 multiply-adds in 2 instructions",
        "lines": LINES,
    }
    return InnerLoop(kernel, **(defaults | fields))
