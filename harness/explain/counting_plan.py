"""Choose the n, rows and calls at which a kernel is counted, from the seconds of two small launches. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from harness.model.kernel import SERIAL_RUNGS, Kernel

WHOLE_S = 10.0
"""Seconds that a counted product of a kernel may take where it is counted whole."""

ROWS_S = 120.0
"""Seconds that a launch on few rows may take: more than a whole product, because only the full n has its strides and
its misses, and an interpreter needs about so long for a row of 4096."""

FEW_ROWS = (1, 2, 4, 8)
"""Rows that may be counted of a kernel whose rows are alike."""

PILOTS = (32, 96)
"""The n of the two launches by which the seconds of others are predicted."""

MIN_N = 64
"""Smallest n at which anything is counted; below it, the steps around the inner loop outweigh it."""

LOADED_ROWS = 2
"""Rows of computing that reading a matrix of n x n may take at most, as in an interpreter that makes objects of it."""


@dataclass(frozen=True)
class Pace:
    """The seconds that counted launches of a kernel take: to start, and for a multiply-add."""

    start_s: float
    step_s: float

    def seconds(self, n: int, rows: int, calls: int = 1) -> float:
        """Return about the seconds of a launch."""
        return self.start_s + self.step_s * n**2 * (rows * calls + LOADED_ROWS)


@dataclass(frozen=True)
class Shape:
    """The rows and calls of one launch."""

    rows: int
    calls: int


@dataclass(frozen=True)
class CountingPlan:
    """Two launches at one n: the events of `shorter` are subtracted from those of `longer`, and start and loading drop
    out."""

    n: int
    shorter: Shape
    longer: Shape

    @property
    def rows(self) -> int:
        """The number of rows whose events remain."""
        return self.longer.rows * self.longer.calls - self.shorter.rows * self.shorter.calls

    def seconds(self, pace: Pace) -> float:
        """Return about the seconds of both launches."""
        return sum(pace.seconds(self.n, shape.rows, shape.calls) for shape in (self.shorter, self.longer))


def pace_of(seconds: tuple[float, float]) -> Pace:
    """Return the pace from the seconds of whole products of the two PILOTS."""
    small, large = PILOTS
    step_s = max(1e-10, (seconds[1] - seconds[0]) / (large**3 - small**3))
    return Pace(max(0.0, seconds[0] - step_s * small**3), step_s)


def rows_are_alike(kernel: Kernel) -> bool:
    """Return whether each row of a product takes the same work, so that a few stand for all, in one thread."""
    return kernel.rung in (*SERIAL_RUNGS, "parallel")


def plan_counting(kernel: Kernel, n: int, pace: Pace, whole_s: float = WHOLE_S) -> CountingPlan:
    """Return the launches of a kernel of a run with this n.

    Rows that are alike are counted at the full n, or at half of it and so on where a launch would exceed ROWS_S. A
    kernel that works in blocks is counted whole, at the largest such n whose product takes up to `whole_s`.
    """
    sizes = _halves(n)
    if rows_are_alike(kernel) and n > 1:
        size = next((size for size in sizes if pace.seconds(size, 2) <= ROWS_S), sizes[-1])
        few = [rows for rows in FEW_ROWS if rows < size and pace.seconds(size, 1 + rows) <= whole_s] or FEW_ROWS[:1]
        return CountingPlan(size, Shape(1, 1), Shape(1 + few[-1], 1))
    size = next((size for size in sizes if pace.step_s * size**3 <= whole_s), sizes[-1])
    return CountingPlan(size, Shape(size, 1), Shape(size, 2))


def _halves(n: int) -> list[int]:
    """Return n, its half and so on down to MIN_N; n alone if it is smaller."""
    sizes = [n]
    while sizes[-1] // 2 >= MIN_N:
        sizes.append(sizes[-1] // 2)
    return sizes
