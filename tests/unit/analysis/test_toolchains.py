"""Test rows by several toolchains: which of them answer, and how they are compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.analysis.answer import answer_of
from harness.analysis.compare import Run, Verdict
from harness.analysis.factors import product_of
from harness.analysis.rows import rows_of
from harness.analysis.toolchains import compare_toolchains
from harness.model.errors import UsageError
from harness.model.result import Row, Status
from harness.report.climb import climb
from tests import factories

SECONDS = {"c/naive": 8.0, "c/naive@clang": 4.0, "c/packed": 1.0, "c/packed@clang": 0.5, "x/naive": 100.0}


def rows(seconds: dict[str, float] = SECONDS) -> list[Row]:
    """Return a measured row of each kernel, with enough rounds for a headline."""
    return [factories.measured_row(name, time, rounds=12) for name, time in seconds.items()]


def estimates(seconds: dict[str, float] = SECONDS):
    """Return an estimate for each kernel, the same time in each of ten rounds."""
    return {
        name: factories.estimate(value_ns=time * 1e9, by_round=dict.fromkeys(range(10), time * 1e9))
        for name, time in seconds.items()
    }


def run(seconds: dict[str, float] = SECONDS, **fields) -> Run:
    """Return a run whose kernels took these times in each of eight rounds, the second toolchain's rising a little."""
    samples = {
        name: [
            one
            for number in range(8)
            for one in factories.launch([time * 1e9 * (1 + number / 1e3)] * 2, number, kernel=name, n=4096)
        ]
        for name, time in seconds.items()
    }
    record = factories.run_record(config=factories.config(n=4096))
    return Run(record, {row.kernel: replace(row, **fields) for row in rows(seconds)}, samples)


def test_the_answer_is_by_the_default_toolchain():
    answer = answer_of(rows(), estimates(), factories.config(baseline="x/naive"))

    assert (answer.baseline.kernel, answer.fastest.kernel) == ("x/naive", "c/packed")


def test_a_toolchain_that_is_alone_in_its_language_answers():
    seconds = {name: time for name, time in SECONDS.items() if name not in ("c/naive", "c/packed")}

    answer = answer_of(rows(seconds), estimates(seconds), factories.config(baseline="x/naive"))

    assert answer.fastest.kernel == "c/packed@clang"


def test_steps_are_by_the_toolchain_of_the_fastest_kernel():
    fastest = next(row for row in rows() if row.kernel == "c/packed@clang")

    product = product_of(estimates(), rows(), "x/naive", fastest, 0.95)

    assert [factor.after_kernel for factor in product.factors] == ["c/naive@clang", "c/packed@clang"]


def test_the_climb_has_one_toolchain_a_language():
    steps = climb(rows(), "x/naive")

    assert [step.row.kernel for step in steps] == ["x/naive", "c/naive", "c/packed"]


def test_rows_say_their_toolchain_and_their_ratio_to_the_default():
    kernels = [
        factories.kernel("c/naive", toolchain=factories.toolchain("c", name="gcc")),
        factories.kernel("c/naive@clang"),
    ]
    samples = {kernel.id: factories.launch([1e9, 1e9], kernel=kernel.id) for kernel in kernels}

    gcc, clang = rows_of(kernels, samples, estimates(), factories.config())

    assert (gcc.toolchain, gcc.alternative, gcc.relative_to_c) == ("gcc", "", None)
    assert (clang.toolchain, clang.alternative) == ("clang", "clang")
    assert clang.relative_to_c.value == pytest.approx(0.5)


def test_each_toolchain_is_compared_with_the_default_by_rounds():
    [comparison] = compare_toolchains(run())

    assert (comparison.before, comparison.after, comparison.rounds_of) == ("c=", "c=clang", "20260102T030405Z-beef")
    assert [(change.kernel, change.verdict) for change in comparison.changes] == [
        ("c/naive", Verdict.FASTER),
        ("c/packed", Verdict.FASTER),
    ]
    # the rise of both cancels round by round
    assert comparison.changes[0].ratio.low == pytest.approx(0.5) == comparison.changes[0].ratio.high


def test_equal_toolchains_show_no_difference():
    equal = run(SECONDS | {"c/naive@clang": 8.0})

    assert compare_toolchains(equal)[0].changes[0].verdict == Verdict.SAME


def test_a_rung_that_a_toolchain_lacks_or_failed_is_not_comparable():
    alone = run({name: time for name, time in SECONDS.items() if name != "c/naive"})
    failed = run()
    row = replace(failed.rows["c/packed@clang"], time=None, status=Status.FAILED, reason="build: no omp.h")
    failed.rows[row.kernel] = row

    assert compare_toolchains(alone)[0].changes[0].reason == "the first toolchain does not build it"
    assert compare_toolchains(failed)[0].changes[1].reason == "failed by clang: build: no omp.h"


@pytest.mark.parametrize(("rung", "verdict"), [("naive", Verdict.FASTER), ("packed", Verdict.NOT_COMPARABLE)])
def test_an_estimate_of_blocks_is_not_compared_with_a_measured_time(rung, verdict):
    mixed = run()
    mixed.rows[f"c/{rung}"] = replace(mixed.rows[f"c/{rung}"], estimated=True, rows=8)

    [change] = [change for change in compare_toolchains(mixed)[0].changes if change.kernel == f"c/{rung}"]

    assert change.verdict == verdict
    assert (change.ratio is None) == ("measured whole by clang" in change.reason)


def test_a_run_of_one_toolchain_a_language_is_a_sentence():
    with pytest.raises(UsageError, match=r"^--by toolchain: 2026.* has one toolchain a language; 'run-all --toolchain"):
        compare_toolchains(run({"c/naive": 1.0, "x/naive": 2.0}))


def test_a_kernel_s_source_folder_does_not_depend_on_its_toolchain():
    assert factories.kernel("c/naive@clang").folder == Path("nowhere/c")
