"""Test the sentences at the top of the report."""

from __future__ import annotations

from dataclasses import replace

from harness.model.job import Provided
from harness.model.result import OnDevice, Quantity
from harness.report.headline import beside_the_headline, headline
from tests import factories
from tests.factories import timed_row

RECORD = factories.run_record(
    host=factories.host(cpu="a CPU"),
    toolchains={"x/naive": Provided("Python 3.13.5"), "c/packed": Provided("gcc (Debian 14.2.0) 14.2.0\nCopyright")},
)


def results(rows=(), **fields):
    return factories.results(rows, RECORD, answer=factories.answer(**fields))


def test_both_sides_have_their_time_their_interval_and_their_toolchain():
    text = headline(results())

    assert text.startswith(
        "On this machine, a CPU (AVX2), the product of two 4096 × 4096 matrices of doubles takes X (naive"
    )
    assert "with Python 3.13.5 6 h 57 min (estimated from 1 of 4096 rows 12 times, −2.0% +2.0%)" in text
    assert "and C (packed, 1 thread) with gcc (Debian 14.2.0) 14.2.0 1.00 s (−2.0% +2.0%)" in text
    assert text.endswith(": 25,000 times (24,000 to 26,000).")


def test_version_that_is_only_a_number_is_told_with_the_language():
    record = replace(RECORD, toolchains={"c/packed": Provided("0.17.1")})

    text = headline(replace(results(), record=record))

    assert "and C (packed, 1 thread) with C 0.17.1 1.00 s" in text


def test_run_without_a_fast_side_says_why_and_gives_no_ratio():
    text = headline(results(fastest=None, speedup=None, why_not="the fast kernels were measured in 3 rounds"))

    assert text.endswith("This run has no headline: the fast kernels were measured in 3 rounds.")
    assert "times (" not in text


def test_gpu_has_a_sentence_of_its_own():
    gpu = timed_row("cuda/packed", 0.01, on_gpu=True, device=OnDevice("Tensor Unit 9"), speedup=Quantity(9000.0))

    sentences = beside_the_headline(results([gpu, timed_row("c/library-mkl", 1.0)]))

    assert sentences[-1] == (
        "On the GPU, Tensor Unit 9, transfers included: Cuda (packed, 1 thread), 10.0 ms (−2.0% +2.0%): 9,000 times."
    )


def test_run_without_a_gpu_has_no_sentence_on_one():
    sentences = beside_the_headline(results([timed_row("c/library-mkl", 1.0)]))

    assert sentences and not any("GPU" in sentence for sentence in sentences)


def test_run_without_times_says_so():
    assert headline(results(baseline=None)) == "No kernel was measured in this run."


def test_equal_kernels_are_named():
    equals = (timed_row("rust/packed", 1.01), timed_row("zig/packed", 1.02))

    assert beside_the_headline(results(equals=equals)) == [
        "Rust (packed, 1 thread) and Zig (packed, 1 thread) cannot be told from C (packed, 1 thread)."
    ]


def test_libraries_and_other_algorithms_have_sentences_of_their_own():
    speedup = Quantity(26_000.0, 25_000.0, 27_000.0)
    rows = [
        timed_row("python/library-numpy", 0.99, speedup=speedup),
        timed_row("c/library-mkl", 0.9, speedup=speedup),
        timed_row("c/strassen", 0.8, speedup=speedup),
        timed_row("c/engine", 0.3, threads=2, int8_products=15, speedup=speedup),
    ]

    text = beside_the_headline(results(rows))

    assert text == [
        "The fastest library: C (library-mkl, 1 thread), 900 ms (−2.0% +2.0%): 26,000 times (25,000 to 27,000).",
        "One line of Python that calls NumPy: Python (library-numpy, 1 thread), 990 ms (−2.0% +2.0%): "
        "26,000 times (25,000 to 27,000).",
        "Another algorithm, Strassen's: C (strassen, 1 thread), 800 ms (−2.0% +2.0%): 26,000 times (25,000 to 27,000).",
        "The matrix engine, by products of bytes: C on the matrix engine (15 products of bytes, 2 threads), "
        "300 ms (−2.0% +2.0%): 26,000 times (25,000 to 27,000).",
    ]
