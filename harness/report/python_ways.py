"""Collect the kernels by which Python's users multiply: CPython, Numba, NumPy, and the folders that share its files.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.model.result import Row, Status, fastest_first
from harness.model.run_record import KernelRecord

LANGUAGE = "python"
"""The folder of CPython's kernels. A folder that `uses` it is another way to run or to compile Python."""


@dataclass(frozen=True)
class Way:
    """A kernel that Python's users may start, and how many times faster it is than the baseline, if both were
    measured."""

    row: Row
    times: float | None


def python_ways(kernels: Iterable[KernelRecord], rows: Sequence[Row], baseline: str) -> list[Way]:
    """Return all of Python's ways, fastest first, skipped ones last; none where the run has one CPython only."""
    kernels = list(kernels)
    others = {kernel.id for kernel in kernels if kernel.uses and kernel.uses.name == LANGUAGE}
    selected = [row for row in rows if row.kernel in others or row.language == LANGUAGE]
    if not others and not any(row.alternative for row in selected):
        return []
    slow_s = next((row.time.value for row in rows if row.kernel == baseline and row.time), None)
    return [
        Way(row, slow_s / row.time.value if slow_s and row.time else None)
        for row in [*fastest_first(selected), *(row for row in selected if row.status == Status.SKIPPED)]
    ]
