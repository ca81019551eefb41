"""Test where an export is written."""

from __future__ import annotations

import os
import stat
import threading

from harness.export import write


def test_pipe_is_written_to_and_not_replaced(tmp_path):
    pipe, texts = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: texts.append(pipe.read_text()), daemon=True)
    reader.start()

    write(pipe, "text")

    reader.join(10)
    assert texts == ["text"] and stat.S_ISFIFO(pipe.stat().st_mode)
