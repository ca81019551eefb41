"""Test the estimate of Hodges and Lehmann, and the ranks of its interval, against SciPy's exact test and tables."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from harness.analysis.hodges_lehmann import hodges_lehmann, rank_of_ends, walsh_averages


def test_walsh_averages_are_the_means_of_all_pairs():
    assert walsh_averages([1.0, 6.0, 2.0]).tolist() == [1, 1.5, 2, 3.5, 4, 6]


def test_estimate_is_the_median_of_the_averages_on_a_log_scale():
    assert hodges_lehmann([1.0, 100.0]) == pytest.approx(10)


@pytest.mark.parametrize(("size", "rank"), [(5, 0), (6, 1), (8, 4), (10, 9), (12, 14), (16, 30), (20, 53)])
def test_ranks_are_those_of_the_tables(size, rank):
    """Hollander, Wolfe and Chicken 2014, table A.4, at 95%."""
    assert rank_of_ends(size, 0.95) == rank


def test_a_higher_confidence_needs_more_values():
    assert rank_of_ends(7, 0.99) == 0 and rank_of_ends(8, 0.99) == 1


@pytest.mark.parametrize("seed", range(40))
def test_interval_holds_the_shifts_that_wilcoxon_s_exact_test_keeps(seed):
    random = np.random.default_rng(seed)
    values = random.normal(0, 1, random.integers(6, 15))
    rank = rank_of_ends(len(values), 0.95)
    averages = walsh_averages(values)
    low, high = averages[rank - 1], averages[-rank]

    def kept(shift: float) -> bool:
        return stats.wilcoxon(values - shift, method="exact").pvalue > 0.05

    assert kept(low + 1e-9) and kept(high - 1e-9)
    assert not kept(low - 1e-9) and not kept(high + 1e-9)
