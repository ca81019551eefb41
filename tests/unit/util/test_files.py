"""Test that a file is replaced whole or not at all."""

from __future__ import annotations

import json
import os

import pytest

from harness.util.files import write_atomic, write_json


def test_failed_write_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "x"
    write_atomic(path, "before")

    def full_disk(fd):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)

    with pytest.raises(OSError):
        write_atomic(path, "after")

    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_path_that_is_no_text_is_read_back_from_json(tmp_path):
    path = tmp_path / "x"

    write_json(path, {"folder": "caf\udce9"})

    assert json.loads(path.read_text(encoding="utf-8")) == {"folder": "caf\udce9"}
