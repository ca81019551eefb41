"""Tell how this program was started, so that a command that it advises works where it is read."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

from harness.util.paths import INSTALLED

PROGRAM = "sixty-thousand"
"""Name of the program that an installed package has."""


def own_command() -> str:
    """Return the command that started this program, without its arguments, such as `.venv/bin/python -m harness`."""
    words = sys.orig_argv
    if "-m" in words[:-1]:
        return shlex.join(words[: words.index("-m") + 2])
    script = sys.argv[0]
    if Path(script).name != PROGRAM:
        return shlex.quote(script)
    if words := _uvx_words(_command_line(os.getppid())):
        return shlex.join(words)
    found = shutil.which(PROGRAM)
    return PROGRAM if found and Path(found).resolve() == Path(script).resolve() else shlex.quote(script)


def portable_command() -> list[str]:
    """Return the words that start this program where it is installed or checked out, without a path of this machine."""
    return [PROGRAM] if Path(sys.argv[0]).name == PROGRAM else ["python", "-m", "harness"]


def missing_module(name: str | None) -> str:
    """Return what to do about a package that this program needs, and that is not there."""
    remedy = f"install {PROGRAM} again" if INSTALLED else "run 'make setup', then '.venv/bin/python -m harness'"
    return f"{name} is missing: {remedy}"


def _uvx_words(parent: list[str]) -> list[str]:
    """Return the words of uvx, the parent process, up to this program's name; none if the parent is no uvx.

    Its environment lies in uv's cache, so the program is on no path once it has ended. uvx calls itself `uv tool uvx`.
    """
    if not parent or Path(parent[0]).name not in ("uv", "uvx") or PROGRAM not in parent:
        return []
    words = parent[: parent.index(PROGRAM) + 1]
    return ["uvx", *words[3:]] if words[1:3] == ["tool", "uvx"] else words


def _command_line(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")[:-1]
    except OSError:
        return []
