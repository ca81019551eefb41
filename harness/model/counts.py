"""Define what was counted of a kernel: instructions, cache misses and branches, which no noise can touch."""

from __future__ import annotations

from dataclasses import dataclass

BYTES_PER_VALUE = 8

MATRICES = 3


@dataclass(frozen=True)
class CacheShape:
    """A cache as it is simulated: its size, its ways, and the size of a line."""

    size_bytes: int
    ways: int
    line_bytes: int


@dataclass(frozen=True)
class Caches:
    """The two levels of cache that are simulated: the first for instructions and for data, and the last for both.

    `rounded` names the caches whose number of sets is no power of two here, which the simulation needs.
    """

    first_instruction: CacheShape
    first_data: CacheShape
    last: CacheShape
    rounded: tuple[str, ...] = ()


@dataclass(frozen=True)
class Events:
    """Numbers of events. Misses are those of data, `branches` are conditional and indirect ones."""

    instructions: int
    l1_misses: int
    ll_misses: int
    branches: int
    mispredicted: int

    def minus(self, other: Events) -> Events:
        """Return the events that are not in `other`."""
        return Events(
            self.instructions - other.instructions,
            self.l1_misses - other.l1_misses,
            self.ll_misses - other.ll_misses,
            self.branches - other.branches,
            self.mispredicted - other.mispredicted,
        )


@dataclass(frozen=True)
class HowCounted:
    """How a kernel was counted, in one thread.

    `rows` is the number of rows whose events remain when those of a shorter launch are subtracted: n for each whole
    product. `build` names the CPU of the build that was counted if it is not the timed build.
    """

    n: int
    rows: int
    caches: Caches
    tool: str
    build: str = ""

    @property
    def whole(self) -> bool:
        """Whether whole products were counted."""
        return self.rows >= self.n

    @property
    def fits(self) -> bool:
        """Whether the three matrices fit into the simulated last level, so that its misses say nothing of larger n."""
        return MATRICES * BYTES_PER_VALUE * self.n**2 <= self.caches.last.size_bytes


@dataclass(frozen=True)
class PerStep:
    """Numbers of events a multiply-add; `bytes_moved` is a line for each miss of the last level."""

    instructions: float
    l1_misses: float
    ll_misses: float
    branches: float
    mispredicted: float
    bytes_moved: float


@dataclass(frozen=True)
class Counts:
    """The counts of a kernel, or the `reason` why there are none; `digest` is that of the artefact that was timed."""

    kernel: str
    digest: str
    events: Events | None = None
    how: HowCounted | None = None
    reason: str = ""

    @property
    def per_step(self) -> PerStep | None:
        """The events divided by the number of multiply-adds; None if nothing was counted."""
        if self.events is None or self.how is None:
            return None
        steps = self.how.n**2 * self.how.rows
        return PerStep(
            self.events.instructions / steps,
            self.events.l1_misses / steps,
            self.events.ll_misses / steps,
            self.events.branches / steps,
            self.events.mispredicted / steps,
            self.events.ll_misses * self.how.caches.last.line_bytes / steps,
        )


@dataclass(frozen=True)
class RunCounts:
    """The counts of a run's kernels, the kernels `left` for want of time, or the `reason` why there are none at all."""

    kernels: tuple[Counts, ...] = ()
    left: tuple[str, ...] = ()
    reason: str = ""

    def of(self, kernel: str) -> Counts | None:
        """Return the counts of a kernel; None if nothing is known of it."""
        return next((counts for counts in self.kernels if counts.kernel == kernel), None)
