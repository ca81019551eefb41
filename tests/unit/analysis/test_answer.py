"""Test the answer of a run: which kernel is its fast side, which equal it, and what a better answer would take."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis.answer import answer_of, precision, rounds_needed
from harness.model.result import Quantity
from tests import factories

CONFIG = factories.config(n=4096, baseline="python/naive")
NOISE = [0.98, 1.0, 1.02, 0.99, 1.01, 1.0]


def estimate(seconds: float, shift: int = 0):
    """Return the estimate of a kernel in six rounds with some noise, another for each shift."""
    times = {i + 1: seconds * 1e9 * NOISE[(i + shift) % 6] for i in range(6)}
    return factories.estimate(value_ns=seconds * 1e9, by_round=times)


def answer(times_s: dict[str, float], **fields):
    """Return the answer of a run with these times; `fields` has the fields of single rows, by their kernel."""
    rows = [factories.timed_row(name, seconds, rounds=6) for name, seconds in times_s.items()]
    rows = [replace(row, **fields.get(row.kernel.replace("/", "_").replace("-", "_"), {})) for row in rows]
    estimates = {name: estimate(seconds, i) for i, (name, seconds) in enumerate(times_s.items())}
    return answer_of(rows, estimates, CONFIG)


def test_gpu_is_no_fast_side():
    found = answer({"python/naive": 25_000, "c/packed": 2.0, "cuda/packed": 0.1}, cuda_packed={"on_gpu": True})

    assert found.fastest.kernel == "c/packed"


def test_fast_side_is_the_fastest_kernel_of_multiply_adds():
    """A library, another algorithm and another unit are faster, and no fast side."""
    times = {"python/naive": 25_000, "c/packed": 2.0, "c/library-mkl": 1.9, "c/strassen": 1.7, "c/engine": 0.9}

    found = answer(times)

    assert (found.baseline.kernel, found.fastest.kernel) == ("python/naive", "c/packed")
    assert found.speedup.value == pytest.approx(12_500, rel=0.01) and found.speedup.interval


def test_estimate_is_never_the_fast_side():
    found = answer({"python/naive": 25_000, "c/vector": 1.0, "c/packed": 2.0}, c_vector={"estimated": True})

    assert found.fastest.kernel == "c/packed"


def test_kernel_of_few_rounds_is_never_the_fast_side():
    found = answer({"python/naive": 25_000, "c/vector": 1.0, "c/packed": 2.0}, c_vector={"rounds": 5})

    assert found.fastest.kernel == "c/packed"


def test_kernels_that_cannot_be_told_from_the_fast_side_are_named():
    found = answer({"python/naive": 25_000, "c/packed": 2.0, "rust/packed": 2.005, "zig/packed": 2.4})

    assert [row.kernel for row in found.equals] == ["rust/packed"]


def test_slowest_stands_in_for_a_missing_baseline():
    assert answer({"c/naive": 300, "c/packed": 2.0}).baseline.kernel == "c/naive"


def test_run_without_a_time_has_no_answer():
    assert answer({}).why_not == "no kernel was measured"


def test_run_of_estimates_names_the_n_that_would_give_an_answer():
    """480 s at n = 4096 are 60 s at n = 2048."""
    found = answer({"python/naive": 9e6, "c/packed": 480.0}, c_packed={"estimated": True})

    assert found.fastest is None
    assert "no kernel can be measured whole in 60 s at n = 4096" in found.why_not and "--n 2048" in found.why_not


def test_run_of_few_rounds_names_the_rounds_that_would_give_an_answer():
    found = answer({"python/naive": 25_000, "c/packed": 2.0}, c_packed={"rounds": 3})

    assert found.why_not == "the fast kernels were measured in 3 rounds, and a headline needs 6: --rounds 6"


def test_run_of_the_baseline_alone_says_so():
    assert "beside the baseline" in answer({"python/naive": 25_000}).why_not


def test_precision_is_that_of_the_rounds_ratios():
    slow, fast = estimate(100), factories.estimate(value_ns=1e9, by_round=dict.fromkeys(range(1, 7), 1e9))

    found = precision(slow, fast, Quantity(100, 98, 102), CONFIG)

    assert (found.rounds, found.half_width, found.fastest_scatter) == (6, pytest.approx(0.02), 0)
    assert found.baseline_scatter == pytest.approx(0.0141, abs=1e-3)


@pytest.mark.parametrize(("scatter", "target", "rounds"), [(0.01, 0.05, 6), (0.1, 0.05, 18), (0.29, 0.05, 132)])
def test_rounds_needed_are_those_of_student_s_interval(scatter, target, rounds):
    assert rounds_needed(scatter, target, 0.95) == rounds
