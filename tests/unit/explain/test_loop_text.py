"""Test how a loop is shown in a terminal."""

from __future__ import annotations

import pytest

from harness.explain.loop_text import evidence_of, text_of
from harness.model.inner_loop import FoundBy, InnerLoop, LoopContent, LoopLine


def loop(found_by: FoundBy = FoundBy.SAMPLES) -> InnerLoop:
    lines = (LoopLine(0x10, "nop"), LoopLine(0x11, "jne 0x10", 480, "naive.c:9"))
    return InnerLoop("c/naive", found_by, 480, 500, "c/naive", LoopContent(2), "2 instructions", lines)


def test_each_instruction_is_a_line_with_its_count_and_its_source():
    assert text_of(loop()) == [
        "c/naive: 2 instructions",
        "480 of 500 samples of the running program are in this loop, c/naive",
        "",
        "    count         address  instruction",
        "                       10  nop",
        "      480              11  jne 0x10  (naive.c:9)",
    ]


@pytest.mark.parametrize(
    ("found_by", "words"),
    [
        (FoundBy.SAMPLES, "samples of the running program"),
        (FoundBy.VALGRIND, "instructions that valgrind counted"),
        (FoundBy.TRACE, "instructions of bytecode"),
    ],
)
def test_it_is_told_how_a_loop_was_found(found_by, words):
    assert words in evidence_of(loop(found_by))
