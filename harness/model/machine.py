"""The rates that a machine was measured to reach."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Peak:
    """By number of threads: GFLOPS of the vector units, with the instruction set that gave them, and GB/s from memory;
    where there is a matrix engine, the 10^9 operations a second that it does on bytes."""

    isa: str
    gflops: dict[int, float]
    memory_gbs: dict[int, float] = field(default_factory=dict)
    engine_gops: dict[int, float] = field(default_factory=dict)
