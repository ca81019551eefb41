"""Test how an estimate is compared with the whole products measured before and after it."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest

from harness.analysis.estimate import Estimate
from harness.selftest.experiments import Case, beside
from tests import factories


def estimate(value_ns: float) -> Estimate:
    """Return an estimate with an interval of 98 to 106 ns."""
    return factories.estimate(value_ns=value_ns, replicates_ns=np.linspace(98.0, 106.0, 1001), estimated=True)


def case(whole_ns: tuple[float, float], value_ns: float = 102.0) -> Case:
    return beside(estimate(value_ns), whole_ns, "c/naive, n = 1024", factories.config())


def test_estimate_between_the_whole_products_is_covered():
    """The error is relative to the geometric mean of the whole products on both sides."""
    found = case((90.0, 111.1))

    assert found.covered
    assert found.error == pytest.approx(0.02, abs=1e-3) and found.apart == pytest.approx(0.234, abs=1e-3)


def test_estimate_above_both_whole_products_is_not_covered():
    assert not case((90.0, 90.0)).covered


def test_case_made_of_numpy_numbers_can_be_stored():
    found = case((90.0, 111.1), value_ns=np.float64(102.0))

    assert json.loads(json.dumps(asdict(found))) == asdict(found)
