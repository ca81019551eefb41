"""Test that a file is replaced whole or not at all."""

from __future__ import annotations

import json
import os

import pytest

from harness.util.files import read_head, remove_tree, write_atomic, write_json


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


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "nothing"])
def test_head_of_what_is_no_file_is_empty(tmp_path, kind):
    """A kernel may put a link to a file of the machine in place of its output, or a pipe that never ends."""
    path = tmp_path / "stdout"
    {
        "link": lambda: path.symlink_to("/etc/passwd"),
        "pipe": lambda: os.mkfifo(path),
        "folder": path.mkdir,
        "nothing": lambda: None,
    }[kind]()

    assert read_head(path, 100) == b""


def test_head_of_a_file_is_its_first_bytes(tmp_path):
    (tmp_path / "stdout").write_bytes(b"0123456789")

    assert read_head(tmp_path / "stdout", 4) == b"0123"


def test_pipe_is_removed(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    remove_tree(tmp_path / "pipe")

    assert not list(tmp_path.iterdir())
