"""Text from outside, made safe to print."""

from __future__ import annotations

import os

import pytest

from harness.util.printable import printable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my.c", "my.c"),
        ("é 中 <b>", "é 中 <b>"),
        ("a\nb\tc", r"a\nb\tc"),
        ("\x1b[2J", r"\x1b[2J"),
        ("\u202egnp.c", r"\u202egnp.c"),
        ("\u2028", r"\u2028"),
        (os.fsdecode(b"caf\xe9"), r"caf\xe9"),
    ],
)
def test_only_what_is_printed_stays(text, expected):
    assert printable(text) == expected
