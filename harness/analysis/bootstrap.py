"""Compute the bootstrap distribution of medians and of Hodges-Lehmann estimates. Pure.

A resample draws as many values as there are, with replacement, so it is described by how often it holds each value.
Its median is the weighted median of the original values, with these numbers as weights. The values are therefore sorted
once for all resamples, instead of once for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np


def hodges_lehmann(values: Sequence[float] | np.ndarray) -> float:
    """Return the median of the Walsh averages: the means of all pairs, each value paired with itself too.

    Hodges and Lehmann 1963, Estimates of Location Based on Rank Tests.
    """
    averages, _, _ = _walsh_averages(values)
    return float(np.median(averages))


def bootstrap_medians(values: Sequence[float] | np.ndarray, resamples: int, random: np.random.Generator) -> np.ndarray:
    """Return the median of each bootstrap resample of the values."""
    array = np.asarray(values, dtype=float)
    order = np.argsort(array)
    return _weighted_medians(array[order], _multiplicities(len(array), resamples, random)[order], len(array))


def bootstrap_hodges_lehmann(
    values: Sequence[float] | np.ndarray, resamples: int, random: np.random.Generator
) -> np.ndarray:
    """Return the Hodges-Lehmann estimate of each bootstrap resample of the values.

    A resample that holds two values c and d times holds their Walsh average c d times, and that of the first value with
    itself c (c + 1) / 2 times.
    """
    averages, first, second = _walsh_averages(values)
    counts = _multiplicities(len(values), resamples, random)
    weights = (
        counts[i] * counts[j] if i != j else counts[i] * (counts[i] + 1) // 2
        for i, j in zip(first.tolist(), second.tolist(), strict=True)
    )
    return _weighted_medians(averages, weights, len(averages))


def _walsh_averages(values: Sequence[float] | np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the mean of each pair of values, ascending, and the indices of the pair's two values."""
    array = np.asarray(values, dtype=float)
    first, second = np.triu_indices(len(array))
    averages = (array[first] + array[second]) / 2
    order = np.argsort(averages)
    return averages[order], first[order], second[order]


def _multiplicities(size: int, resamples: int, random: np.random.Generator) -> np.ndarray:
    """Draw the resamples; return how often each value (row) is in each resample (column)."""
    chosen = random.integers(0, size, (resamples, size))
    cells = chosen + size * np.arange(resamples)[:, None]
    counts = np.bincount(cells.ravel(), minlength=size * resamples).reshape(resamples, size)
    return np.ascontiguousarray(counts.T, dtype=np.int32)


def _weighted_medians(ascending: np.ndarray, weights: Iterable[np.ndarray], total: int) -> np.ndarray:
    """Return a median for each resample, in which each value has the weight of its row; weights add up to `total`.

    The rows are added up one by one: together they take 160 MB for the pairs of 200 rounds and 2000 resamples, and they
    do not fit in the processor's cache even for 20 rounds.
    """
    cumulative = lower = upper = np.zeros(1, dtype=np.int32)
    for weight in weights:
        cumulative = cumulative + weight
        lower = lower + (cumulative <= (total - 1) // 2)
        upper = lower if total % 2 else upper + (cumulative <= total // 2)
    medians: np.ndarray = (ascending[lower] + ascending[upper]) / 2
    return medians
