"""Test the bootstrap, computed from weights, against the resamples themselves."""

from __future__ import annotations

import numpy as np
import pytest

from harness.analysis.bootstrap import bootstrap_hodges_lehmann, bootstrap_medians, hodges_lehmann


def test_hodges_lehmann_is_the_median_of_all_means_of_two():
    assert hodges_lehmann([1.0, 2.0, 6.0]) == np.median([1, 1.5, 3.5, 2, 4, 6])


@pytest.mark.parametrize("size", [1, 2, 5, 12])
def test_bootstrap_medians_are_those_of_the_resamples(size):
    values = np.random.default_rng(size).integers(0, 9, size).astype(float)  # some are equal
    resamples = values[np.random.default_rng(7).integers(0, size, (500, size))]

    medians = bootstrap_medians(values, 500, np.random.default_rng(7))
    estimates = bootstrap_hodges_lehmann(values, 500, np.random.default_rng(7))

    assert np.array_equal(medians, np.median(resamples, axis=1))
    assert np.array_equal(estimates, [hodges_lehmann(resample) for resample in resamples])
