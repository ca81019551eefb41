"""Test the lock of the host: one run at a time, whatever the environment says of temporary files."""

from __future__ import annotations

import tempfile

import pytest

from harness.model.errors import UsageError
from harness.system import lock
from harness.system.lock import host_lock


def test_runs_with_different_folders_for_temporary_files_exclude_each_other(tmp_path, monkeypatch):
    monkeypatch.delenv(lock.VARIABLE)
    monkeypatch.setattr(lock, "DEFAULT", tmp_path / "lock")

    with host_lock():
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "another"))
        with pytest.raises(UsageError, match="another run is under way"), host_lock():
            pass


def test_a_path_can_be_given_where_processors_are_not_shared(tmp_path, monkeypatch):
    with host_lock():
        monkeypatch.setenv(lock.VARIABLE, str(tmp_path / "own"))
        with host_lock():
            assert (tmp_path / "own").exists()
