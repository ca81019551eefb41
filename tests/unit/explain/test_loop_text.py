"""Test how a loop is shown in a terminal."""

from __future__ import annotations

import pytest

from harness.explain.loop_text import how_found, text_of
from harness.model.inner_loop import FoundBy
from tests.inner_loops import inner_loop


def test_each_instruction_is_a_line_with_its_count_and_its_source():
    assert text_of(inner_loop()) == [
        "c/packed: 1 FMA of 8 doubles for 1 load; no spill; 8 multiply-adds in 2 instructions",
        "480 of 500 samples of the running program are in this loop, c/packed",
        "",
        "    count         address  instruction",
        "      470              10  vfmadd231pd (%rax),%zmm0,%zmm1  (packed.c:9)",
        "       10              16  jne 0x10",
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
    assert words in how_found(inner_loop(found_by=found_by))
