"""Test Welch's t-test, with which the self-test judges hyperfine's times."""

from __future__ import annotations

import numpy as np

from harness.selftest.hyperfine import sign_of_difference


def test_false_alarms_are_as_rare_as_stated():
    random = np.random.default_rng(1)

    verdicts = [sign_of_difference(*(list(random.normal(1, 0.01, 20)) for _ in range(2))) for _ in range(300)]

    assert sum(map(abs, verdicts)) <= 300 * 0.05 + 8


def test_difference_of_two_deviations_is_found():
    random = np.random.default_rng(1)

    verdicts = [
        sign_of_difference(list(random.normal(1, 0.01, 20)), list(random.normal(1.02, 0.01, 20))) for _ in range(50)
    ]

    assert verdicts == [1] * 50


def test_equal_times_show_no_difference():
    assert sign_of_difference([1.0, 1.0], [1.0, 1.0]) == 0
