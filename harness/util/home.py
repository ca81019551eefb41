"""Keep the user's home folder out of files that are passed on: its path tells who made them."""

from __future__ import annotations

import contextlib
import html
import os
import pwd
import re
import shlex
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

HOME = "~"
"""What stands for the home folder, as in a shell."""


def without_home(text: str) -> str:
    """Return a text, or a page, with `~` for the user's home folder in every path."""
    return _pattern().sub(HOME, text) if _homes() else text


def command_without_home(words: Sequence[str]) -> str:
    """Return a command line with `~` for the home folder; a shell expands it, since it is not in quotation marks.

    A stored command has `~` already: its line is the same, so that a page that is written again is the same, too.
    """
    return " ".join(_quoted(without_home(word)) for word in words)


def _quoted(word: str) -> str:
    inside = word.removeprefix(f"{HOME}/")
    return f"{HOME}/{shlex.quote(inside)}" if inside != word else shlex.quote(word)


def values_without_home(value: Any) -> Any:
    """Return a value of JSON with `~` for the user's home folder in every text."""
    if isinstance(value, str):
        return without_home(value)
    if isinstance(value, dict):
        return {key: values_without_home(inner) for key, inner in value.items()}
    return [values_without_home(inner) for inner in value] if isinstance(value, list) else value


def with_home(path: Path) -> Path:
    """Return a path that such a file holds, with the home folder of this user, if there is one."""
    with contextlib.suppress(RuntimeError):
        return path.expanduser() if path.parts[:1] == (HOME,) else path
    return path


def import_where_there_is_no_home(module: str) -> None:
    """Import a module that asks for the user's home while it is imported, and fails without, though it needs none."""
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = "/"
        try:
            import_module(module)
        finally:
            del os.environ["HOME"]


@cache
def _homes() -> tuple[str, ...]:
    """Return the user's home folders: that of the environment, and that of the system's accounts."""
    found = [os.environ.get("HOME", "")]
    with contextlib.suppress(KeyError):  # a container may run as a user without an account
        found.append(pwd.getpwuid(os.getuid()).pw_dir)
    return tuple(dict.fromkeys(home.rstrip("/") for home in found if home.count("/") and home.rstrip("/")))


@cache
def _pattern() -> re.Pattern[str]:
    names = {name for home in _homes() for name in (home, html.escape(home))}
    longest_first = sorted(names, key=len, reverse=True)
    # whole folders only: that of ann is no part of anna's, nor of a folder with the same end; -I may stand before it
    before = r"(?:(?<![\w.-])|(?<=^-[A-Z])|(?<=\s-[A-Z]))"
    return re.compile(rf"{before}(?:{'|'.join(map(re.escape, longest_first))})(?![\w.-])")
