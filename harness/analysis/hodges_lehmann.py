"""Compute the estimate of Hodges and Lehmann, and the ranks of its exact confidence interval. Pure.

Hodges and Lehmann 1963, Estimates of Location Based on Rank Tests. The interval is that of Wilcoxon's signed ranks,
exact for every symmetric distribution (Hollander, Wolfe and Chicken 2014, Nonparametric Statistical Methods, 3.3).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np


def hodges_lehmann(values: Iterable[float]) -> float:
    """Return the estimate from positive values, on a log scale: times are skewed, and their ratios are differences."""
    return math.exp(float(np.median(walsh_averages(np.log(np.fromiter(values, float))))))


def walsh_averages(values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return the means of all pairs of values, each value paired with itself too, ascending."""
    array = np.asarray(values, dtype=float)
    first, second = np.triu_indices(len(array))
    return np.sort((array[first] + array[second]) / 2)


@lru_cache(maxsize=256)
def rank_of_ends(size: int, confidence: float) -> int:
    """Return which of the Walsh averages of `size` values, from either end, is the end of the confidence interval.

    It is the largest k for which the sum of the positive ranks is below k in at most (1 - confidence) / 2 of all
    assignments of signs to the ranks 1 to `size`; 0 if there is none, because the values are too few.
    """
    probabilities = np.ones(1)
    for rank in range(1, size + 1):
        # a rank is in the sum or not, each with probability 1/2
        grown = np.zeros(len(probabilities) + rank)
        grown[: len(probabilities)] += probabilities / 2
        grown[rank:] += probabilities / 2
        probabilities = grown
    tail = (1 - confidence) / 2 * (1 + 1e-9)  # rounding must not exclude a tail that is met exactly
    return int(np.searchsorted(np.cumsum(probabilities), tail, side="right"))
