"""Test each kind of sentence about what a step changed, on made-up figures."""

from __future__ import annotations

from dataclasses import replace

from harness.analysis.reasons import Evidence, evidence_of, ladders, rung_below, sentence
from harness.model.counts import Counts, RunCounts
from harness.model.inner_loop import LoopContent, RunLoops
from tests import factories
from tests.inner_loops import inner_loop


def evidence(name: str, step_ns: float | None = 1.0, threads: int = 1, **counts) -> Evidence:
    return Evidence(name, threads, step_ns, counts=factories.counts(name, **counts))


def test_same_instructions_and_fewer_misses():
    before = evidence("c/naive", 2.1, instructions=4.0, l1=1.0, ll=0.5)
    after = evidence("c/interchange", 0.4, instructions=4.04, l1=1 / 16, ll=0.5 / 16)

    assert sentence(before, after) == (
        "interchange: the same 4.04 instructions a multiply-add, 1/16 of the misses; 0.400 ns instead of 2.10 ns"
    )


def test_fewer_instructions_and_misses_that_differ_by_level():
    before = evidence("c/vector", 0.05, instructions=1.0, l1=0.1, ll=0.02)
    after = evidence("c/packed", 0.02, instructions=0.4, l1=0.08, ll=0.002)

    assert sentence(before, after) == (
        "packed: 0.400 instructions a multiply-add instead of 1.00, 80% of the L1 misses, "
        "1/10 of the last-level misses; 0.0200 ns instead of 0.0500 ns"
    )


def test_more_instructions_and_more_misses():
    before = evidence("c/naive", None, instructions=4.0, l1=0.1, ll=0.1)
    after = evidence("c/divide", None, instructions=5.0, l1=0.31, ll=0.31)

    assert sentence(before, after) == (
        "divide: 5.00 instructions a multiply-add instead of 4.00, 3.10 times the misses"
    )


def test_last_level_says_nothing_where_the_matrices_fit():
    before = evidence("c/divide", None, l1=0.1, ll=0.1)
    after = evidence("c/vector", None, l1=0.05, ll=0.0, n=512, rows=512)

    text = "vector: the same 4.00 instructions a multiply-add, 1/2 of the L1 misses"
    assert sentence(before, after) == f"{text}, last-level misses unknown beyond n = 512"
    assert sentence(replace(before, counts=after.counts), after).endswith("multiply-add, the same L1 misses")


def test_misses_that_are_almost_none_are_called_so():
    some, few = {"l1": 0.1, "ll": 0.1}, {"l1": 1e-6, "ll": 1e-6}
    one = evidence("c/naive", None, **some), evidence("c/divide", None, **few)

    assert sentence(*one).endswith("almost no misses")
    assert sentence(*reversed(one)).endswith("some misses")
    assert sentence(one[1], one[1]).endswith("still almost no misses")


def test_threads_are_named_where_they_change():
    before, after = evidence("c/interchange", 1.0), evidence("c/parallel", 0.5, threads=2)

    assert sentence(before, after) == (
        "parallel: the same 4.00 instructions a multiply-add, the same misses, 2 threads instead of 1; "
        "0.500 ns instead of 1.00 ns"
    )


def test_counts_of_another_build_are_told():
    timed, other = evidence("c/naive", None), evidence("c/divide", None, build="x86-64-v3")

    assert sentence(timed, other).endswith("the same misses (c/divide counted as built for x86-64-v3)")
    assert sentence(other, other).endswith("the same misses (both counted as built for x86-64-v3)")


def test_same_time_is_called_so():
    assert sentence(evidence("c/naive", 1.0), evidence("c/divide", 1.02)).endswith("; the same 1.02 ns")


def in_loop(evidence: Evidence, bits: int, multiply_adds: int, loads: int, broadcasts: int = 0) -> Evidence:
    content = LoopContent(9, bits, 1, loads=loads, broadcasts=broadcasts, multiply_adds=multiply_adds)
    return replace(evidence, loop=inner_loop(kernel=evidence.kernel, content=content))


def test_denser_loop_is_told():
    before = in_loop(evidence("c/naive"), 64, 2, 3)
    after = in_loop(evidence("c/packed"), 512, 192, 3, 8)

    assert sentence(before, after).endswith(
        "; in the hottest loop 8 doubles an instruction instead of 1 and 17.5 multiply-adds a load instead of 0.667; "
        "the same 1.00 ns"
    )


def test_loop_of_two_widths_has_at_most_the_wider():
    before = in_loop(evidence("c/naive"), 128, 2, 3)
    pairs = replace(before.loop, content=replace(before.loop.content, one_width=False))
    after = in_loop(evidence("c/interchange"), 512, 2, 3)

    assert "loop 8 doubles an instruction instead of at most 2;" in sentence(replace(before, loop=pairs), after)


def test_loop_that_stores_no_more_is_told():
    after = in_loop(evidence("c/vector"), 512, 128, 16, 2)
    storing = replace(after.loop, content=replace(after.loop.content, stores=1))
    before = replace(after, kernel="c/divide", loop=storing)

    assert "; in the hottest loop no stores; the same 1.00 ns" in sentence(before, after)
    assert "stores" not in sentence(after, before)


def test_loops_that_are_alike_are_not_told():
    before = in_loop(evidence("c/vector"), 512, 192, 11)

    assert "hottest loop" not in sentence(before, replace(before, kernel="c/packed"))


def test_speed_without_a_reason_is_told():
    before, after = evidence("c/vector", 2.0, l1=0.1), evidence("c/packed", 1.0, l1=0.2)

    assert sentence(before, after).endswith("instead of 2.00 ns, for which these figures show no reason")
    smaller = evidence("c/packed", 1.0, l1=0.2, n=512, rows=512)
    assert sentence(before, smaller).endswith("for which these figures, counted at n = 512, show no reason")
    assert sentence(replace(before, threads=1), replace(after, threads=2)).endswith("instead of 2.00 ns")
    assert sentence(in_loop(before, 256, 8, 2), in_loop(after, 512, 16, 2)).endswith("instead of 2.00 ns")


def test_kernel_without_counts_is_named_with_the_reason():
    before = evidence("java/naive", 2.0)
    after = Evidence("java/divide", 1, 1.0, counts=Counts("java/divide", "d", reason="under valgrind, it stops"))

    assert sentence(before, after) == (
        "divide: java/divide was not counted: under valgrind, it stops; 1.00 ns instead of 2.00 ns"
    )


def test_kernel_of_another_language_has_its_whole_name():
    assert sentence(evidence("python/naive"), evidence("c/naive")).startswith("c/naive: ")


def test_time_of_a_step_is_that_of_a_multiply_add():
    row = factories.timed_row("c/naive", 68.719476736, n=4096)

    assert evidence_of(row, RunCounts(), RunLoops()).step_ns == 1.0


def rows(*names: str):
    return [factories.timed_row(name, 1.0) for name in names]


def test_ladders_follow_the_rungs_and_variants_climb_alone():
    climbs = ladders(
        rows("python/packed-numba", "python/naive-numba", "python/interchange", "python/naive", "python/library-numpy"),
        RunCounts(),
        RunLoops(),
    )

    kernels = {name: [step.after.kernel for step in steps] for name, steps in climbs.items()}
    assert kernels == {
        "Python": ["python/naive", "python/interchange", "python/library-numpy"],
        "Python (numba)": ["python/naive-numba", "python/packed-numba"],
    }
    assert [bool(step.sentence) for step in climbs["Python"]] == [False, True, False]


def test_rung_below_is_the_next_that_was_measured():
    measured = rows("c/naive", "c/vector", "c/packed", "c/naive-paper", "c/library-mkl", "python/naive-numba")

    assert rung_below("c/packed", measured) == "c/vector"
    assert rung_below("c/library-mkl", measured) == "c/packed"
    assert rung_below("c/naive", measured) is None
    assert rung_below("python/naive-numba", measured) is None
