"""Test the command `selftest` where it is given what it cannot use."""

from __future__ import annotations

import pytest

from harness.model.errors import UsageError
from harness.selftest.command import load
from tests.command import invoke


def test_unknown_experiment_is_bad_usage():
    done = invoke("selftest", "nonsense")

    assert done.returncode == 2 and "no experiment 'nonsense'; there are machines, alarms" in done.stderr


def test_unreadable_cases_are_bad_usage(tmp_path):
    (tmp_path / "selftest.json").write_text('{"alarms": 3}')

    with pytest.raises(UsageError, match=r"selftest.json: not a selftest's cases"):
        load(tmp_path / "selftest.json")
