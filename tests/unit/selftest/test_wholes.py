"""Test how an estimate is compared with the whole products measured in the same rounds."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from harness.selftest.wholes import WHOLE_ROUNDS, case_of
from tests import factories

N = 100


def samples(whole_ns: float, noise: float = 0.02):
    """Return twelve rounds of 4 of 100 rows that take 40 µs, and six of whole products, both with some noise."""
    taken = []
    for number in range(1, 13):
        factor = 1 + noise * (-1) ** number
        taken += factories.launch([40e3 * factor], number, n=N, rows=4, row0=number, round=number)
        if number in WHOLE_ROUNDS:
            taken += factories.launch([whole_ns * factor], 100 + number, n=N, round=number)
    return taken


def test_whole_products_like_the_estimate_are_covered():
    found = case_of(samples(1e6), N, "c/naive, n = 100", 0.95)

    assert found.covered and found.error == pytest.approx(0, abs=0.01)


def test_estimate_far_from_the_whole_products_is_not_covered():
    found = case_of(samples(1.3e6), N, "c/naive, n = 100", 0.95)

    assert not found.covered and found.error == pytest.approx(1 / 1.3 - 1, abs=0.01)


def test_kernel_that_was_measured_whole_only_is_no_case():
    whole = [sample for sample in samples(1e6) if sample.rows == N]

    assert case_of(whole, N, "c/naive, n = 100", 0.95) is None


def test_case_can_be_stored():
    found = case_of(samples(1e6), N, "c/naive, n = 100", 0.95)

    assert json.loads(json.dumps(asdict(found))) == asdict(found)
