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
"""The first characters of a line that is only comment, by the suffix of the file; other files have C's comments."""


def lines_of_code(source: str, filename: str) -> int:
    """Return the number of lines that are neither blank nor comment."""
    marks = COMMENTS.get(PurePath(filename).suffix, ("//", "/*", "*"))
    lines = (line.strip() for line in source.splitlines())
    return sum(bool(line) and not line.startswith(marks) for line in lines)
