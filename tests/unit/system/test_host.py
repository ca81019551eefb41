"""Test how settings of the machine are read."""

from __future__ import annotations

import pytest

from harness.system.host import chosen


@pytest.mark.parametrize(("text", "expected"), [("always [madvise] never\n", "madvise"), ("2\n", "2")])
def test_chosen_word_of_a_setting(text, expected):
    """The chosen word is the one in brackets, or the only one."""
    assert chosen(text) == expected
