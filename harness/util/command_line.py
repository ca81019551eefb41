"""Tell how this program was started, so that a command that it advises works where it is read."""

from __future__ import annotations

import shlex
import sys


def own_command() -> str:
    """Return the command that started this program, without its arguments, such as `.venv/bin/python -m harness`."""
    words = sys.orig_argv
    if "-m" in words[:-1]:
        return shlex.join(words[: words.index("-m") + 2])
    return shlex.join(sys.argv[:1])
