"""Count the lines of a source that are neither blank nor comment."""

from __future__ import annotations

from pathlib import PurePath

COMMENTS = {
    **dict.fromkeys((".py", ".rb", ".pl", ".nim", ".sh", ".jl", ".R"), ("#",)),
    **dict.fromkeys((".lua", ".hs", ".adb"), ("--",)),
    **dict.fromkeys((".lisp", ".scm"), (";",)),
    ".f90": ("! ",),
    ".ml": ("(*",),
    ".pas": ("{", "//"),
}
"""How a line that is all comment begins, by the file's suffix; C's way where nothing else is said."""


def lines_of_code(source: str, filename: str) -> int:
    """Lines that are neither blank nor comment."""
    marks = COMMENTS.get(PurePath(filename).suffix, ("//", "/*", "*"))
    lines = (line.strip() for line in source.splitlines())
    return sum(bool(line) and not line.startswith(marks) for line in lines)
