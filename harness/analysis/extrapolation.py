"""Extrapolate the time of a whole product from launches with two numbers of rows. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import geometric_mean

MIN_ROUNDS = 2
"""Smallest number of rounds for which the uncertainty of the fixed cost can be computed."""


def from_two_row_counts(rounds: Mapping[int, tuple[float, float]], n: int, few: int, many: int) -> dict[int, float]:
    """Return the time of n rows by each round, from its times for `few` and for `many` rows, in ns.

    A call costs a fixed time (starting threads, packing B) and a time for each row. All rounds together tell how many
    rows' time the fixed cost is, because the two times of a single round tell it badly; it is never negative. A round's
    own times tell how fast the machine was in it.

    The result of a round is its jackknife pseudo-value (Tukey 1958): it contains the part of the round in the fixed
    cost, so that an interval from the rounds' results covers the uncertainty of the fixed cost, too. Empty for fewer
    than MIN_ROUNDS rounds, and where more rows take no more time: then nothing can be extrapolated.
    """
    if len(rounds) < MIN_ROUNDS:
        return {}
    logs = {left_out: _log_time(rounds, left_out, n, few, many) for left_out in (None, *rounds)}
    everything = logs.pop(None)
    known = {number: value for number, value in logs.items() if number is not None and value is not None}
    if everything is None or len(known) < len(rounds):
        return {}
    count = len(rounds)
    return {number: math.exp(count * everything - (count - 1) * without) for number, without in known.items()}


def _log_time(
    rounds: Mapping[int, tuple[float, float]], left_out: int | None, n: int, few: int, many: int
) -> float | None:
    """Return the logarithm of the estimate from all rounds but one; None if more rows take no more time.

    Its means are geometric ones: the jackknife does not hold for medians, which jump from one value to the next.
    """
    used = [times for number, times in rounds.items() if number != left_out]
    growth = geometric_mean(many_ns / few_ns for few_ns, many_ns in used)
    if growth <= 1:
        return None
    fixed_rows = max(0.0, (many - growth * few) / (growth - 1))
    scale = (n + fixed_rows) / (few + many + 2 * fixed_rows)
    return math.log(geometric_mean(few_ns + many_ns for few_ns, many_ns in used) * scale)
