"""Test the two levels of variance, and outliers."""

from __future__ import annotations

import numpy as np
import pytest

from harness.analysis.dispersion import outliers, variance_components
from tests import factories


def launches(between: float, within: float) -> list:
    """Return 200 launches of six calls with these relative standard deviations between and within launches."""
    random = np.random.default_rng(3)
    centres_ns = 1e9 * np.exp(random.normal(0, between, 200))
    return [factories.launch(centre * np.exp(random.normal(0, within, 6))) for centre in centres_ns]


def test_variance_of_calls_is_not_taken_for_that_of_launches():
    """Calls that vary within launches do not make the launches seem to vary."""
    assert variance_components(launches(0.0, 0.02)) == pytest.approx((0.0, 0.02), abs=0.004)


def test_variance_of_launches_is_found():
    """Launches that vary more than their calls are told apart from the calls."""
    assert variance_components(launches(0.02, 0.002)) == pytest.approx((0.02, 0.002), rel=0.2)


def test_single_call_has_no_variance():
    assert variance_components([factories.launch([5])]) == (None, None)


def test_call_far_from_the_others_is_an_outlier():
    """One slow call among equal ones is an outlier; the first call never is."""
    assert outliers([factories.launch([900, 100, 101, 99, 102, 100, 300])]) == [300]


def test_calls_that_merely_spread_are_no_outliers():
    assert outliers([factories.launch([0, 80, 90, 100, 110, 120])]) == []
