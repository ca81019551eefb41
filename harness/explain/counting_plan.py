"""Choose the n, rows and calls at which a kernel is counted, from the seconds of small launches. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.model.kernel import SERIAL_RUNGS, Kernel

WHOLE_S = 10.0
"""Seconds that a counted product of a kernel may take where it is counted whole."""

ROWS_S = 120.0
"""Seconds that a launch on few rows may take: more than a whole product, because only the full n has its strides and
its misses, and an interpreter needs about so long for a row of 4096."""

FEW_ROWS = (1, 2, 4, 8)
"""Rows that may be counted of a kernel whose rows are alike."""

FIRST_PILOT_N = 32
"""The n of the launch that takes hardly longer than a start."""

PILOT_GROWTH = 3
"""Factor of n from one pilot to the next: 27 times the work."""

CLEAR_INSTRUCTIONS = 10_000_000
"""Instructions that a pilot must have beyond those of the first one: fewer may be those of loading matrices."""

CLEAR_SHARE = 0.005
"""Share of the first pilot's instructions by which another must have more: an interpreter does not start evenly."""

MIN_N = 64
"""Smallest n at which anything is counted; below it, the steps around the inner loop outweigh it."""

STEADY = 0.005
"""Largest change of the instructions of a row, from a difference of launches to one of twice as many rows, by which
they count as steady. Those of interpreters change by less, even in few rows; those of a JIT compiler by tens of
percent, since it takes other decisions in each launch."""

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
class Pilot:
    """The processor seconds and the instructions of a launch of a whole product of n x n matrices."""

    n: int
    seconds: float
    instructions: int


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

    def doubled(self) -> CountingPlan | None:
        """Return the plan whose shorter launch is the longer one of this, and whose difference is of twice as many
        rows; None if a product has too few rows."""
        rows = self.longer.rows + 2 * (self.longer.rows - self.shorter.rows)
        calls = self.longer.calls + 2 * (self.longer.calls - self.shorter.calls)
        return CountingPlan(self.n, self.longer, Shape(rows, calls)) if rows <= self.n else None

    def seconds(self, pace: Pace) -> float:
        """Return about the seconds of both launches."""
        return sum(pace.seconds(self.n, shape.rows, shape.calls) for shape in (self.shorter, self.longer))


def is_clear(pilots: Sequence[Pilot]) -> bool:
    """Return whether the last pilot has so many more instructions than the first that its computing is told from the
    start. By seconds it would take a pilot of another minute where a start takes minutes, as that of Numba does.
    """
    more = pilots[-1].instructions - pilots[0].instructions
    return more >= max(CLEAR_INSTRUCTIONS, CLEAR_SHARE * pilots[0].instructions)


def next_pilot(pilots: Sequence[Pilot], n: int) -> int | None:
    """Return the n of the next pilot of a kernel of a run with this n; None if no more are needed."""
    if not pilots:
        return FIRST_PILOT_N
    if len(pilots) > 1 and (is_clear(pilots) or pilots[-1].n >= n):
        return None
    return pilots[-1].n * PILOT_GROWTH


def pace_of(pilots: Sequence[Pilot]) -> Pace:
    """Return the pace from whole products: by the instructions of the first and the last, and the rate of the last."""
    first, last = pilots[0], pilots[-1]
    steps, more = last.n**3 - first.n**3, last.instructions - first.instructions
    step_s = max(1e-10, more / steps * last.seconds / last.instructions)
    return Pace(max(0.0, first.seconds - step_s * first.n**3), step_s)


def rows_are_alike(kernel: Kernel) -> bool:
    """Return whether each row of a product takes the same work, so that a few stand for all, in one thread."""
    return kernel.rung in (*SERIAL_RUNGS, "parallel")


def plan_counting(alike: bool, n: int, pace: Pace, whole_s: float = WHOLE_S) -> CountingPlan:
    """Return the launches of a kernel of a run with this n; `alike` as rows_are_alike says.

    Rows that are alike are counted at the full n, or at half of it and so on where a launch would exceed ROWS_S. A
    kernel that works in blocks is counted whole, at the largest such n whose product takes up to `whole_s`.
    """
    sizes = _halves(n)
    if alike and n > 1:
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
