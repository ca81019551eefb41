"""Plan one launch each of the baseline and c/packed, and write the first answer of a run as a sentence. Pure.

The answer is not stored. The run measures both kernels again, in rounds and with intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.model.config import Backend
from harness.model.job import Absent
from harness.model.kernel import SERIAL_RUNGS, Kernel
from harness.util.format import about, significant
from harness.util.paths import ROOT

FAST = "c/packed"
"""The kernel that the first answer compares with the baseline: near the fastest, and it needs nothing but gcc."""

MIN_N = 512
"""Smallest n with a first answer: at a smaller n the run itself gives its answer as soon."""

CHECK_SIZES = (17, 129)
"""n at which both kernels must be correct before they are timed. Both are odd, so that kernels that work in blocks have
a remainder."""

CHECK_CALLS = 10
"""Calls of each check. The fastest call at the largest size predicts the time of a call at the run's n: with one call
of less than a millisecond, a busy machine could let the kernel appear to be a hundred times slower than it is."""

CALLS = 2
"""Calls of a short launch. The last one counts, because the first includes first access to memory."""

CALL_S = 5.0
"""Expected time of a call, in seconds, below which a launch is short: it computes the whole product, in CALLS calls. A
slow kernel computes as many rows as are expected to take less than this, but at least one."""

MAX_CALL_S = 60.0
"""Expected time of a call, in seconds, above which no launch is made: even if the call took half of it, the launch
would exceed its time limit."""

CACHE_MISS_FACTOR = 4
"""Maximum ratio of the time of a multiply-add at large n to that in the checks, whose matrices fit the caches, for
kernels that do not work in blocks. Without it, the rows of naive Python would take several times CALL_S."""


@dataclass(frozen=True)
class Sizing:
    """The rows and the calls of a kernel's only launch."""

    rows: int
    calls: int


@dataclass(frozen=True)
class FirstTime:
    """The last call of a kernel's only launch: `rows` of n rows took `call_ns`, with this number of threads."""

    kernel: str
    threads: int
    n: int
    rows: int
    call_ns: int

    @property
    def whole_s(self) -> float:
        """The time of the whole product in seconds, extrapolated from the rows."""
        return self.call_ns * self.n / self.rows / 1e9


def pair_of(kernels: Sequence[Kernel], baseline: str, backend: Backend) -> tuple[Kernel, Kernel] | Absent:
    """Return the baseline and c/packed, or the reason why a run of these kernels has no first answer."""
    if baseline == FAST:
        return Absent(f"the baseline is {FAST} itself")
    by_id = {kernel.id: kernel for kernel in kernels}
    if missing := [name for name in (baseline, FAST) if name not in by_id]:
        return Absent(f"this run does not measure {' and '.join(missing)}")
    pair = by_id[baseline], by_id[FAST]
    # in a run with Docker, the code of other folders would otherwise leave its containers
    if foreign := [kernel.id for kernel in pair if backend == Backend.DOCKER and not _own(kernel)]:
        return Absent(f"{' and '.join(foreign)} may run in containers only, being no kernel of this project")
    return pair


def _own(kernel: Kernel) -> bool:
    return kernel.folder.is_relative_to(ROOT / "kernels")


def sizing_of(kernel: Kernel, step_ns: float, n: int) -> Sizing | Absent:
    """Return a kernel's launch at n, or the reason why it would take too long.

    `step_ns` is the time of one multiply-add in the checks. Only kernels whose rows are alike compute a part of the
    rows; the others work in blocks, which a few rows do not fill.
    """
    by_rows = kernel.rung in SERIAL_RUNGS
    row_s = step_ns * n * n * (CACHE_MISS_FACTOR if by_rows else 1) / 1e9
    if n * row_s < CALL_S:
        return Sizing(n, CALLS)
    rows = max(1, int(CALL_S / row_s)) if by_rows else n
    if rows * row_s > MAX_CALL_S:
        return Absent(f"{kernel.id} would take about {about(rows * row_s)} for {rows} of {n} rows")
    return Sizing(rows, 1)


def sentence(base: FirstTime, fast: FirstTime) -> str:
    """Return the first answer: two times and their ratio, to two significant figures and without intervals."""
    ratio = significant(base.whole_s / fast.whole_s, 2)
    return (
        f"First answer, from one native launch each: {base.kernel} takes {_took(base)} and {fast.kernel} "
        f"{_took(fast)}: about {ratio} times. The run refines this while it builds and measures the rest."
    )


def _took(time: FirstTime) -> str:
    notes = [f"from {time.rows} of {time.n} rows"] if time.rows < time.n else []
    notes += [f"{time.threads} threads"] if time.threads > 1 else []
    return f"about {about(time.whole_s)}" + (f" ({', '.join(notes)})" if notes else "")
