"""Test how many rounds are planned: the noise that a pilot shows, and the difference that rounds detect."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from harness.ab.plan import (
    CONFIDENCE,
    MAX_ROUNDS,
    MIN_PLANNED_ROUNDS,
    Goal,
    Pilot,
    confidence_of_each,
    detectable,
    min_rounds,
    noise_of,
    order_of,
    plan,
    rounds_to_detect,
)
from harness.analysis.intervals import location


def test_fewest_rounds_are_those_of_the_signed_ranks():
    assert [min_rounds(confidence_of_each(comparisons)) for comparisons in (1, 2, 5)] == [6, 7, 8]


def test_one_comparison_has_the_confidence_of_all():
    assert confidence_of_each(1) == pytest.approx(CONFIDENCE)
    assert 1 - confidence_of_each(5) == pytest.approx(0.01)


@pytest.mark.parametrize("rounds", [3, 6, 30])
def test_noise_is_the_deviation_of_the_ratios(rounds):
    """Of pilots of normal ratios with a deviation of 2%, the estimates are about right in the mean."""
    random = np.random.default_rng(rounds)

    def estimate() -> float:
        first = np.exp(random.normal(0, 0.1, rounds))  # a change that all commands share
        return noise_of([dict(enumerate(first * np.exp(random.normal(0, 0.02 / 2**0.5, rounds)))) for _ in range(3)])

    assert np.sqrt(np.mean([estimate() ** 2 for _ in range(200)])) == pytest.approx(0.02, rel=0.25)


def test_a_disturbed_round_does_not_make_a_pilot_noisy():
    random = np.random.default_rng(1)
    columns = [dict(enumerate(np.exp(random.normal(0, 0.01, 30)))) for _ in range(2)]
    quiet = noise_of(columns)

    columns[1][7] *= 5

    assert noise_of(columns) < 1.3 * quiet


@pytest.mark.parametrize("rounds", [10, 20, 60])
def test_a_detectable_difference_is_found_in_nine_of_ten_runs(rounds):
    random, noise = np.random.default_rng(rounds), 0.03
    difference = 1 + detectable(noise, rounds, CONFIDENCE)

    found = sum(location(difference * np.exp(random.normal(0, noise, rounds)), CONFIDENCE).low > 1 for _ in range(400))

    assert 0.85 <= found / 400 <= 0.95


def test_rounds_to_detect_are_the_fewest_that_do():
    rounds = rounds_to_detect(0.01, 0.02, CONFIDENCE)

    assert detectable(0.02, rounds, CONFIDENCE) <= 0.01 < detectable(0.02, rounds - 1, CONFIDENCE)


def test_a_difference_beyond_reach_gets_the_most_rounds():
    assert rounds_to_detect(1e-5, 0.1, CONFIDENCE) == MAX_ROUNDS


def test_without_noise_the_fewest_rounds_suffice():
    assert rounds_to_detect(0.01, 0.0, CONFIDENCE) == MIN_PLANNED_ROUNDS


def test_time_alone_is_filled():
    found = plan(Goal(time_s=60), Pilot(noise=0.01, round_s=2), 10, CONFIDENCE)

    assert (found.rounds, found.seconds) == (25, 50)


def test_time_limits_the_rounds_for_a_difference():
    found = plan(Goal(detect=0.001, time_s=60), Pilot(0.02, 2), 10, CONFIDENCE)

    assert found.rounds == 25 and found.detectable > 0.001


def test_a_difference_needs_no_more_time_than_it_takes():
    assert plan(Goal(detect=0.05, time_s=60), Pilot(0.01, 0.1), 1, CONFIDENCE).rounds == MIN_PLANNED_ROUNDS


@pytest.mark.parametrize("spent_s", [1, 100])
def test_too_little_time_has_the_fewest_rounds_of_an_interval(spent_s):
    assert plan(Goal(time_s=20), Pilot(0.01, 30), spent_s, CONFIDENCE).rounds == 6


def test_each_order_of_a_round_is_as_likely():
    orders = Counter(tuple(order_of(3, number, seed=5)) for number in range(600))

    assert len(orders) == 6 and max(orders.values()) < 140


def test_a_short_time_has_a_short_pilot():
    assert (Goal(time_s=5).pilot_s, Goal(detect=0.01).pilot_s) == (0.5, 3)
