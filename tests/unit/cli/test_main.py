"""Test what the command line says of errors of the operating system."""

from __future__ import annotations

import errno
import os

import pytest

from harness.cli.main import _remedy


def test_a_full_disk_is_told_with_what_to_do():
    assert "--resume continues a run" in _remedy(OSError(errno.ENOSPC, "No space left on device", "reports/run.json"))


def test_a_file_of_another_user_is_told_with_its_owner(tmp_path, monkeypatch):
    """A first run as root leaves files that the user cannot replace."""
    monkeypatch.setattr(os, "getuid", lambda: 12345)

    remedy = _remedy(PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "build" / "x")))

    assert remedy.startswith("; it belongs to ") and "sudo chown -R $USER" in remedy


@pytest.mark.parametrize("name", [None, "/no/such/folder/file"])
def test_other_errors_are_told_as_they_are(name):
    assert _remedy(OSError(errno.EIO, "Input/output error", name)) == ""
