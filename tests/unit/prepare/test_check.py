"""The launches of the checks: every size, fewer rows than columns, and all threads."""

from __future__ import annotations

import numpy as np
import pytest

from harness.config.load import load_config
from harness.execute.invocation import Launch, Outcome
from harness.model.job import FailureCode
from harness.model.kernel import LIBRARY_RUNG
from harness.model.sample import Problem
from harness.prepare.check import HARD_N, MIXED, SUBNORMAL, check_inputs, judge, launches_of
from tests import factories


def test_the_checks_try_every_size_fewer_rows_and_all_threads():
    sizes = load_config().check_sizes

    launches = launches_of(sizes, 2)

    assert {launch.problem.n for launch in launches} == set(sizes)
    assert {launch.threads for launch in launches} == {1, 2}
    assert any(launch.problem.rows < launch.problem.n for launch in launches)
    assert launches[0].reps == 2


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    return check_inputs((3,), 1, tmp_path_factory.mktemp("inputs"))


def outcome_of(inputs, name: str, change) -> Outcome:
    """Return the outcome of a launch on these inputs, whose product was changed."""
    launch = Launch(Problem(HARD_N, HARD_N), 1, 1, f"a{name}.f64", f"b{name}.f64")
    a, b = (np.fromfile(inputs.folder / file, "<f8").reshape(HARD_N, HARD_N) for file in (launch.a, launch.b))
    output = inputs.folder / "c"
    change(a, b).astype("<f8").tofile(output)
    return Outcome(launch, factories.job_result(), output)


def flushed(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return a product whose subnormal values became zero."""
    product = a @ b
    return np.where(np.abs(product) < np.finfo("f8").tiny, 0.0, product)


def test_a_kernel_that_flushes_subnormal_values_fails(inputs):
    assert judge(outcome_of(inputs, SUBNORMAL, np.matmul), inputs) == 0.0
    assert judge(outcome_of(inputs, SUBNORMAL, flushed), inputs).code == FailureCode.FLUSHED_SUBNORMALS


def test_a_library_may_flush_subnormal_values(inputs):
    assert judge(outcome_of(inputs, SUBNORMAL, flushed), inputs, LIBRARY_RUNG) == 0.0


def test_a_kernel_with_fewer_digits_fails_on_single_products(inputs):
    """The bound of the accuracy check allows it 48 bits."""

    def split(a, b):
        high = a.astype("f4").astype("f8")
        return (high + (a - high).astype("f4")) @ b

    assert judge(outcome_of(inputs, MIXED, np.matmul), inputs) == 0.0
    assert judge(outcome_of(inputs, MIXED, split), inputs).code == FailureCode.INACCURATE
