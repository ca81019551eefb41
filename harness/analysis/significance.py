"""Which of two kernels is faster? A question apart from how many times, with a sharper answer. Pure.

What disturbs a kernel on a real machine makes it slower, never faster, so that its times have a floor, and a long tail
above it. The floor is the same from round to round where the median is not (Chen and Revels 2016, Robust Benchmarking
in Noisy Environments). So the fastest steady call of each launch is taken, and of these the mean of the lowest third,
which a single lucky launch does not decide.

Within a run, two kernels took rounds: if they are equal, then whichever of a round's two times is called the first's is
chance. So all that exchanging them within rounds would give is what chance gives, whatever the noise and however it
drifts: a permutation test, exact by construction (Fisher 1935, The Design of Experiments).
"""

from __future__ import annotations

import math
import zlib
from fractions import Fraction

import numpy as np

from harness.analysis.estimate import Estimate
from harness.analysis.intervals import ratio, welch
from harness.model.result import Interval

FASTEST_FRACTION = Fraction(1, 3)
"""The share of launches, the fastest ones, that kernels are compared by. Tried on equal kernels and on one of 1%
more work: a median found half as many, a minimum or a tenth percentile somewhat fewer."""

MIN_ROUNDS = 6
"""From so few rounds exchanging tells at 5%: two of the 2^6 ways to exchange are as extreme as the most extreme one."""

PERMUTATIONS = 4096

ROUNDING = 1e-12
"""Two differences of logarithms that are this close are equal: their terms were added in another order."""


def significantly_slower(slower: Estimate, faster: Estimate, confidence: float) -> bool:
    """Whether `slower` is not merely by chance the slower one.

    With few rounds in common, or rows that were estimated, by the interval of the ratio of typical times.
    """
    times = _common(slower, faster)
    if times is None:
        found = ratio(slower, faster, confidence)[1]
        return found is not None and found.low > 1
    return (
        _mean_of_fastest_third(times[0]) > _mean_of_fastest_third(times[1])
        and permutation_p_value(times) < 1 - confidence
    )


def permutation_p_value(times: np.ndarray) -> float:
    """The p-value of "the two are equal": the share of exchanges that differ as much. `times` is 2 x rounds, logs."""
    rounds = times.shape[1]
    if 2**rounds <= PERMUTATIONS:
        exchanged = (np.arange(2**rounds)[:, None] >> np.arange(rounds)) % 2 == 1
    else:
        random = np.random.default_rng(zlib.crc32(times.tobytes()))
        exchanged = random.random((PERMUTATIONS, rounds)) < 0.5
        exchanged[0] = False  # what was seen is one of the ways
    return _p_value(times.ravel(), np.ascontiguousarray(np.concatenate([~exchanged, exchanged], axis=1).T))


def between_runs(later: Estimate, earlier: Estimate, confidence: float) -> Interval | None:
    """The ratio of a kernel's times in two runs, whose rounds have nothing in common; None from single launches.

    Of floors where both runs have enough launches of whole products: the ratios by which one run's times can be divided
    without the two being told apart by exchanging launches between the runs. Else of typical times, by Welch's t on a
    log scale: two times three launches are too few to exchange, and no bootstrap makes more of them.
    """
    floors = [np.log(list(one.fastest_by_round.values())) for one in (later, earlier)]
    if min(map(len, floors)) >= MIN_ROUNDS:
        return _permutation_interval(floors[0], floors[1], 1 - confidence)
    typical = [np.log(list(one.by_round.values())) for one in (later, earlier)]
    if min(map(len, typical)) < 2:
        return None
    middle, half = welch(typical[0], typical[1], confidence)
    return Interval(math.exp(middle), math.exp(middle - half), math.exp(middle + half))


SEARCHED = math.log(4)
"""How far from its middle an interval is looked for: runs that differ by more need none to be told apart."""

STEPS = 12
"""Halvings of the search: to within a twentieth of a percent."""


def _permutation_interval(later: np.ndarray, earlier: np.ndarray, alpha: float) -> Interval:
    middle = _mean_of_fastest_third(later) - _mean_of_fastest_third(earlier)
    random = np.random.default_rng(zlib.crc32(np.concatenate([later, earlier]).tobytes()))
    drawn = random.random((PERMUTATIONS, len(later) + len(earlier)))
    drawn[0] = np.arange(drawn.shape[1])  # what was seen is one of the ways
    # the launches with the smallest numbers are the first group: as likely any as any other
    in_first = np.ascontiguousarray((drawn <= np.partition(drawn, len(later) - 1, axis=1)[:, len(later) - 1, None]).T)

    def apart(shift: float) -> bool:
        return _p_value(np.concatenate([later - shift, earlier]), in_first) < alpha

    ends = []
    for sign in (-1, 1):
        inside, outside = 0.0, SEARCHED
        for _ in range(STEPS):
            half = (inside + outside) / 2
            inside, outside = (inside, half) if apart(middle + sign * half) else (half, outside)
        ends.append(math.exp(middle + sign * outside))
    return Interval(math.exp(middle), ends[0], ends[1])


def _common(one: Estimate, other: Estimate) -> np.ndarray | None:
    """The fastest calls of the rounds that both were in, as logarithms, 2 x rounds; None if there are too few."""
    rounds = sorted(one.fastest_by_round.keys() & other.fastest_by_round.keys())
    if len(rounds) < MIN_ROUNDS:
        return None
    return np.log([[estimate.fastest_by_round[round_number] for round_number in rounds] for estimate in (one, other)])


def _p_value(times: np.ndarray, in_first: np.ndarray) -> float:
    """Return the share of the ways to divide the times into two groups that differ as much as the first way does.

    `in_first` tells for each time (row) and each way (column) whether the time is in the first group. The times are
    sorted once for all ways: the fastest third of a group are then its first members.
    """
    order = np.argsort(times)
    members = in_first[order]
    faster_in_first = np.zeros(members.shape, dtype=np.min_scalar_type(len(times)))
    for i in range(1, len(times)):  # a loop: NumPy's cumulative sum along this axis takes ten times as long
        np.add(faster_in_first[i - 1], members[i - 1].view(np.uint8), out=faster_in_first[i])
    faster_in_second = np.arange(len(times), dtype=faster_in_first.dtype)[:, None] - faster_in_first
    first_count = int(members[:, 0].sum())
    first, second = (
        times[order] @ (group & (faster < _fastest_count(count))) / _fastest_count(count)
        for group, faster, count in (
            (members, faster_in_first, first_count),
            (~members, faster_in_second, len(times) - first_count),
        )
    )
    differences = np.abs(first - second)
    return float(np.mean(differences >= differences[0] - ROUNDING))


def _mean_of_fastest_third(times: np.ndarray) -> float:
    return float(np.sort(times)[: _fastest_count(len(times))].mean())


def _fastest_count(launches: int) -> int:
    return max(1, int(launches * FASTEST_FRACTION))
