"""Test a whole run in this process, with the language `toy`."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import pytest

from harness.model.errors import HarnessError
from harness.run import run_all
from harness.util.console import Console


def test_error_before_measuring_is_not_hidden(config, project, monkeypatch):
    """The error that the user sees is the first one, not one of the clean-up after it."""

    def fail(*_args, **_named):
        raise HarnessError("no clock here")

    monkeypatch.setattr("harness.pipeline.Rounds", fail)
    monkeypatch.setattr("harness.run.host_lock", nullcontext)
    settings = replace(config, kernels_dir=project / "kernels", baseline="toy/naive", check_sizes=(1, 2))

    with pytest.raises(HarnessError, match="no clock here"):
        run_all(settings, ["run-all"], Console())
