"""Test the command `selftest` where it is given what it cannot use."""

from __future__ import annotations

import pytest

from harness.model.errors import UsageError
from harness.selftest.case import Case
from harness.selftest.command import EXPERIMENTS, load, selftest
from harness.util.console import Console
from tests import factories
from tests.command import invoke


def test_unknown_experiment_is_bad_usage():
    done = invoke("selftest", "nonsense")

    assert done.returncode == 2 and "no experiment 'nonsense'; there are machines, alarms" in done.stderr


def test_unreadable_cases_are_bad_usage(tmp_path):
    (tmp_path / "selftest.json").write_text('{"alarms": 3}')

    with pytest.raises(UsageError, match=r"selftest.json: not a selftest's cases"):
        load(tmp_path / "selftest.json")


def test_interrupted_experiment_keeps_the_cases_that_it_has(tmp_path, monkeypatch):
    """An experiment takes up to an hour."""
    found = Case("estimates", "c/naive, n = 1024", error=0.01, covered=True)

    def interrupted(config, trials, console):
        yield found
        raise KeyboardInterrupt

    monkeypatch.setitem(EXPERIMENTS, "estimates", interrupted)
    config = factories.config(reports_dir=tmp_path)

    with pytest.raises(KeyboardInterrupt):
        selftest(config, ("estimates",), 3, Console(), print)

    assert load(tmp_path / "selftest.json")["estimates"]["cases"] == [found]
