"""The sentences on a tried file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from harness.attempt.compared import Compared, Piloted
from harness.attempt.own_kernel import Attempt
from harness.attempt.sentences import measured_lines, right, what_it_is, wrong
from harness.attempt.smallest import matrix_lines
from harness.attempt.source import Form
from harness.attempt.standing import Standing
from harness.model.job import Failed, FailureCode, Passed, Stage
from harness.model.kernel import CHANGES
from harness.model.result import Quantity, Rate
from tests import factories

NAIVE, INTERCHANGE, PARALLEL = (
    factories.kernel(f"c/{rung}", language_name="C", folder=Path("kernels/c").absolute(), source=f"{rung}.c")
    for rung in ("naive", "interchange", "parallel")
)

LIBRARY = factories.kernel("c/library-blis", threaded=True)


def attempt(form=Form.FUNCTION):
    kernel = replace(NAIVE, variant="try", folder=Path("/tmp/copies/c"))
    return Attempt(Path("my.c"), kernel, form, NAIVE)


def compared(**fields):
    """Return a kernel that takes 2 s beside naive with 10 s, interchange with 2 s and a library with 0.2 s."""
    seconds = {"c/try": 2, "c/naive": 10, "c/interchange": 2, "c/parallel": 1, "c/library-blis": 0.2}
    estimates = {
        name: factories.estimate(value_ns=value * 1e9, by_round=dict.fromkeys(range(8), value * 1e9))
        for name, value in seconds.items()
    }
    own = factories.row("c/try", n=1024, threads=1, time=Quantity(2.0, 1.9, 2.1), rate=Rate(1.07, peak_share=0.1))
    defaults = {
        "own": own,
        "standing": Standing((NAIVE,), (INTERCHANGE,), (PARALLEL,)),
        "naive": NAIVE,
        "library": LIBRARY,
        "upcoming": PARALLEL,
        "piloted": (Piloted("c/transposed", 4.321), Piloted("c/tiled", 0.0321)),
        "estimates": estimates,
        "threads": 2,
        "confidence": 0.95,
    }
    return Compared(**(defaults | fields))


def test_form_is_told():
    assert what_it_is(attempt()) == "my.c: a function, with the driver of C, built as c/naive is."
    assert what_it_is(attempt(Form.PROGRAM)) == "my.c: a whole program, built and started as c/naive is."


def test_right_is_told_with_the_checks():
    assert right(Passed(30, 0.1, 1.0), (1, 17, 257)) == (
        "Right: in all 30 launches of the checks, with n from 1 to 257."
    )


def test_wrong_is_told_with_the_case_and_the_remedy():
    failed = Failed(Stage.CHECK, "1 of 1 values are wrong", code=FailureCode.WRONG_VALUES)

    lines = wrong(attempt(), failed, ["A = [[1]]"])

    assert lines[:2] == ["Wrong: 1 of 1 values are wrong", "  A = [[1]]"]
    assert lines[2].startswith("  to do: is C row-major") and lines[3] == "  help: docs/try.md"


def test_compiler_is_quoted_with_the_name_of_the_file():
    failed = Failed(Stage.BUILD, "gcc: naive.c:1: error: no", "naive.c:1: error: no\n", FailureCode.BUILD_FAILED)

    assert wrong(attempt(), failed) == [
        "Does not build: my.c:1: error: no",
        "  output: my.c:1: error: no",
        "  help: docs/try.md",
    ]


def test_measured_has_time_place_and_shares():
    lines = measured_lines(compared())

    assert lines == [
        "Time: 2.00 s (−5.0% +5.0%) at n = 1024, with 1 thread.",
        "Place: above c/naive, 5.00 times (5.00 to 5.00) as fast, level with c/interchange, 1.00 times (1.00 to 1.00) "
        "as fast, below c/parallel, 0.500 times (0.500 to 0.500) as fast.",
        "Other rungs, roughly: c/transposed 4.3 s, c/tiled 32 ms; each from one short launch of the last 24 hours, not "
        "from these rounds.",
        "Times naive: 5.00 times (5.00 to 5.00) as fast as c/naive.",
        "Share of peak: 10.0% (9.52% to 10.5%) of the rate that 1 thread can reach.",
        "Share of the library: 10.0% (10.0% to 10.0%) of the speed of c/library-blis, with 2 threads.",
        f"Next, c/parallel: {CHANGES['parallel']}. Read kernels/c/parallel.c.",
    ]


def test_what_is_not_there_is_left_out():
    lines = measured_lines(compared(naive=None, library=None, upcoming=None, piloted=(), standing=Standing()))

    assert [line.partition(":")[0] for line in lines] == ["Time", "Place", "Share of peak"]
    assert lines[1] == "Place: no rung was measured beside it."


def test_unknown_peak_is_told():
    own = replace(compared().own, rate=Rate(1.0))

    assert "Share of peak: the peak of this machine could not be measured." in measured_lines(compared(own=own))


def test_matrices_of_a_case_are_rows_of_numbers():
    a, b = np.array([[1.0, 2.0]]), np.array([[0.5, 0.0], [0.25, 1.0]])

    assert matrix_lines(a, b, a @ b, a) == [
        "             A = [[1, 2]]",
        "             B = [[0.5, 0], [0.25, 1]]",
        "    right is C = [[1, 2]]",
        "computed was C = [[1, 2]]",
    ]
