"""Test the exit status of a comparison."""

from __future__ import annotations

import pytest

from harness.cli.ab import _status
from tests.unit.ab.example import measured


@pytest.mark.parametrize(
    ("groups", "percent", "expected"),
    [
        ([measured(2)], None, 0),
        ([measured(2)], 10, 3),
        ([measured(1), measured(2)], 10, 3),
        ([measured(1.05)], 10, 0),
        ([measured(0.5)], 0, 0),
        ([measured(2, control=1.3)], 10, 1),
        ([measured(2, control=1.3)], None, 0),
        ([measured(2, control=1.3), measured(2)], 10, 3),
    ],
)
def test_a_regression_is_status_3_unless_its_run_cannot_be_trusted(groups, percent, expected):
    assert _status(groups, percent) == expected
