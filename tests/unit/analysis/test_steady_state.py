"""Test whether the calls of a launch have settled: steady, not steady, or too few calls to tell."""

from __future__ import annotations

import numpy as np
import pytest

from harness.analysis.steady_state import steadiness
from harness.model.sample import Sample
from tests import factories


def launches(times: list[list[float]]) -> list[list[Sample]]:
    return [factories.launch(calls, number=i) for i, calls in enumerate(times)]


@pytest.mark.parametrize("times", [[[10, 9]] * 20, []])
def test_two_calls_a_launch_are_too_few_to_tell(times):
    assert steadiness(launches(times)).verdict == "too few"


def test_slow_first_call_alone_is_no_warm_up():
    random = np.random.default_rng(1)
    times = [[5e6, *(1e6 + random.normal(0, 1e4, 9))] for _ in range(5)]

    assert steadiness(launches(times)).verdict == "steady"


def test_calls_that_still_get_faster_are_not_steady():
    found = steadiness(launches([[1e6 * 0.95**rep for rep in range(10)]] * 3))

    assert found.verdict == "not steady"
    assert found.trend == pytest.approx(0.95**4.5 - 1, rel=0.1)


def test_calls_that_get_slower_are_not_steady():
    assert steadiness(launches([[1e6 + 2e4 * rep for rep in range(10)]] * 3)).verdict == "not steady"


def test_significant_but_tiny_trend_is_steady():
    assert steadiness(launches([[1e6 - 100 * rep for rep in range(10)]] * 3)).verdict == "steady"


def test_settled_kernels_are_seldom_called_unsettled():
    random = np.random.default_rng(2)
    verdicts = [
        steadiness(launches([list(1e6 * np.exp(random.normal(0, 0.1, 8))) for _ in range(4)])).verdict
        for _ in range(400)
    ]
    assert verdicts.count("not steady") <= 8 + 8  # 1% expected of 400, and 2% allowed for chance
    assert "too few" not in verdicts
