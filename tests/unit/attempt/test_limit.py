"""The sentence on what limits a tried file."""

from __future__ import annotations

import pytest

from harness.attempt.limit import Inspected, limit_of
from harness.explain.loop_content import sentence_of
from harness.model.counts import Counts
from harness.model.inner_loop import FoundBy, InnerLoop, LoopContent
from harness.model.job import Absent
from tests import factories

NO_LOOP, NO_COUNTS = Absent("kernels in containers are not sampled"), Absent("valgrind is not installed")


def loop(found=900, found_by=FoundBy.SAMPLES, sentence="", **content):
    what = LoopContent(**content)
    return InnerLoop("c/try", found_by, found, 1000, "c/try", what, sentence or sentence_of(what), ())


@pytest.mark.parametrize(
    ("content", "character"),
    [
        ({"instructions": 9}, "multiplies nothing: no multiplication of doubles in the 9 instructions of the"),
        ({"instructions": 5, "vector_bits": 64, "fmas": 1, "loads": 1, "multiply_adds": 1}, "has no vectors: 1 FMA of"),
        (
            {"instructions": 9, "vector_bits": 512, "fmas": 2, "spills": 2, "multiply_adds": 16},
            "has too few registers: 2 FMAs of 8 doubles without a load; 2 spills",
        ),
        (
            {"instructions": 9, "vector_bits": 512, "fmas": 2, "loads": 1, "broadcasts": 1, "multiply_adds": 16},
            "reads as often as it multiplies: 2 FMAs of 8 doubles for 1 load and 1 broadcast",
        ),
        (
            {"instructions": 9, "vector_bits": 256, "fmas": 4, "loads": 3, "multiply_adds": 16},
            "multiplies more often than it reads: 4 FMAs of 4 doubles for 3 loads",
        ),
    ],
)
def test_character_of_a_loop_is_told(content, character):
    assert limit_of(Inspected(loop(**content), NO_COUNTS), 1, 1).startswith(f"Limit: its hottest loop {character}")


def test_share_of_a_loop_with_little_of_the_time_is_told():
    found = loop(found=300, instructions=5, vector_bits=64, fmas=1, multiply_adds=1)

    assert limit_of(Inspected(found, NO_COUNTS), 1, 1).startswith(
        "Limit: its hottest loop, with 30.0% of the time, has no vectors: "
    )


def test_interpreted_loop_is_told():
    found = loop(found_by=FoundBy.TRACE, sentence="1 multiply-add in 12 instructions of bytecode", instructions=12)

    assert limit_of(Inspected(found, NO_COUNTS), 1, 2) == (
        "Limit: it is interpreted: 1 multiply-add in 12 instructions of bytecode; it has 1 of 2 threads."
    )


def test_misses_are_told_of_matrices_that_exceed_the_cache():
    counted = factories.counts("c/try", instructions=5.0, l1=1.0, ll=0.5, n=4096)

    assert limit_of(Inspected(NO_LOOP, counted), 2, 2) == (
        "Limit: 5.00 instructions a multiply-add, 1.00 L1 misses a multiply-add, 0.500 last-level misses "
        "(counted at n = 4096)."
    )


def test_misses_of_matrices_that_fit_are_not_told():
    counted = factories.counts("c/try", instructions=5.0, l1=1.0, ll=0.5, n=16)

    assert limit_of(Inspected(NO_LOOP, counted), 2, 2) == (
        "Limit: 5.00 instructions a multiply-add (counted at n = 16)."
    )


def test_reasons_are_told_where_nothing_is_known():
    assert limit_of(Inspected(NO_LOOP, NO_COUNTS), 1, 2) == (
        "Limit: not known: kernels in containers are not sampled; valgrind is not installed."
    )
    assert limit_of(Inspected(NO_LOOP, Counts("c/try", "d", reason="under valgrind, it stops")), 1, 2) == (
        "Limit: not known: kernels in containers are not sampled; under valgrind, it stops."
    )
