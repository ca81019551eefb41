"""Estimate the time of a whole product from a kernel's samples, one time for each round. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from harness.analysis.extrapolation import from_two_row_counts
from harness.analysis.hodges_lehmann import hodges_lehmann
from harness.model.sample import Purpose, Sample, launches_in


@dataclass(frozen=True)
class Estimate:
    """The time of a whole product, in ns.

    `estimated` is true if the time is extrapolated from some of the rows. `by_round` has the time from each round
    alone, by the number of the round, so that kernels can be compared round by round; it is empty for a product that
    was measured once, in blocks. `rows` is the largest number of rows of a launch, `samples` the number of calls that
    the time rests on, `minimum_ns` the least of the times that a call or a round gave.
    """

    value_ns: float
    samples: int
    minimum_ns: float
    rows: int
    estimated: bool
    by_round: Mapping[int, float] = field(default_factory=dict)


def after_warmup(samples: Sequence[Sample]) -> list[float]:
    """Return the times of a launch's calls, in ns, without the first call if there are others.

    The first call includes JIT compilation and first access to memory. It is reported separately.
    """
    times = [float(sample.ns) for sample in sorted(samples, key=lambda sample: sample.rep)]
    return times[1:] or times


def launch_median(launch: Sequence[Sample]) -> float:
    """Return the median time of a launch's calls after its warm-up, in ns."""
    return median(after_warmup(launch))


def estimate_time(samples: Sequence[Sample], n: int) -> Estimate | None:
    """Estimate the time of C[n x n] = A.B from a kernel's samples; return None if they do not suffice.

    From launches of all rows, the times themselves. From launches of one number of rows, their times multiplied by
    n / rows: only kernels without a cost per call are measured so (harness.measure.mode). From rounds of two launches
    with two numbers of rows, extrapolated. From blocks of rows that add up to n, the sum of their times.
    """
    launches = list(launches_in(samples, Purpose.MEASURE).values())
    if not launches:
        return None
    if _are_blocks(launches, n):
        total_ns = float(sum(launch[0].ns for launch in launches))
        return Estimate(total_ns, len(launches), total_ns, n, False)
    by_round = _by_round(launches, n)
    if not by_round:
        return None
    rows = max(launch[0].rows for launch in launches)
    calls_ns = [time for launch in launches for time in after_warmup(launch)]
    return Estimate(
        value_ns=hodges_lehmann(by_round.values()),
        samples=len(calls_ns),
        minimum_ns=min(calls_ns if rows == n else by_round.values()),
        rows=rows,
        estimated=rows < n,
        by_round=by_round,
    )


def estimates_of(samples: Mapping[str, Sequence[Sample]], n: int) -> dict[str, Estimate]:
    """Return the estimate of each kernel whose samples suffice for one, by its id."""
    found = {name: estimate_time(taken, n) for name, taken in samples.items()}
    return {name: estimate for name, estimate in found.items() if estimate is not None}


def launches_of(estimate: Estimate, samples: Sequence[Sample]) -> list[list[Sample]]:
    """Return the launches that an estimate is of."""
    measured = list(launches_in(samples, Purpose.MEASURE).values())
    # a product measured in blocks has no launch of all rows: then every launch counts
    return [launch for launch in measured if launch[0].rows == estimate.rows] or measured


def _are_blocks(launches: Sequence[Sequence[Sample]], n: int) -> bool:
    """Return whether launches of one call each compute all rows of C in order, in blocks of rows."""
    next_row = 0
    for launch in launches:
        if len(launch) > 1 or launch[0].row0 != next_row:
            return False
        next_row += launch[0].rows
    return next_row == n and len(launches) > 1


def _by_round(launches: Sequence[Sequence[Sample]], n: int) -> dict[int, float]:
    """Return the time of n rows by each round; empty if the launches do not suffice."""
    times: dict[int, dict[int, float]] = {}
    for launch in launches:
        times.setdefault(launch[0].round, {})[launch[0].rows] = launch_median(launch)
    row_counts = sorted({launch[0].rows for launch in launches})
    if len(row_counts) == 1:
        return {number: by_rows[row_counts[0]] * n / row_counts[0] for number, by_rows in times.items()}
    few, many = row_counts[-2:]
    pairs = {
        number: (by_rows[few], by_rows[many]) for number, by_rows in times.items() if few in by_rows and many in by_rows
    }
    return from_two_row_counts(pairs, n, few, many)
