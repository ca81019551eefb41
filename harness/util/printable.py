"""Make text from outside safe to print: names of files, and what compilers and kernels wrote."""

from __future__ import annotations

import unicodedata

MAX_NAME = 80
"""Characters of a name that are shown: file systems allow 255, which would push a table off the screen."""

_ESCAPED = ("C", "Zl", "Zp")
"""First letters of the Unicode categories that are escaped.

Control characters move a terminal's cursor, formats such as U+202E reverse the letters that follow, and separators end
a line. Surrogates stand for bytes that are no UTF-8. Unassigned characters may become any of these.
"""


def printable(text: str) -> str:
    """Return a text in one line, with an escape such as \\x1b in place of each character that is not printed."""
    return "".join(_escaped(sign) for sign in text)


def printable_name(name: str, limit: int = MAX_NAME) -> str:
    """Return the name of a file for a table: no two names give the same text unless they are longer than the limit."""
    text = printable(name.replace("\\", "\\\\"))
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _escaped(sign: str) -> str:
    if not unicodedata.category(sign).startswith(_ESCAPED):
        return sign
    if 0xDC80 <= ord(sign) <= 0xDCFF:  # a byte that is no UTF-8, as os.fsdecode gives it
        return f"\\x{ord(sign) - 0xDC00:02x}"
    return sign.encode("unicode_escape").decode()
