"""Where a kernel stands among the rungs."""

from __future__ import annotations

from harness.attempt.standing import Standing, neighbours, next_rung, standing_of
from tests import factories


def kernels(*rungs, language="x"):
    return [factories.kernel(f"{language}/{rung}") for rung in rungs]


def estimate(seconds):
    """Return an estimate whose rounds differ by a hundredth at most."""
    times = {number: seconds * 1e9 * (1 + number / 1000) for number in range(8)}
    return factories.estimate(value_ns=seconds * 1e9, by_round=times)


def beside(own_ns, like="naive", **ladder_ns):
    """Return the rungs beside a kernel that takes `own_ns`, by default those of a ladder of four."""
    ladder_ns = ladder_ns or {"naive": 1000.0, "interchange": 100.0, "parallel": 50.0, "packed": 5.0}
    ladder = {factories.kernel(f"x/{rung}"): ns for rung, ns in ladder_ns.items()}
    return {kernel.rung for kernel in neighbours(own_ns, ladder, factories.kernel(f"x/{like}"))}


def test_neighbours_are_the_next_slower_and_the_next_faster():
    assert beside(210.0) == {"naive", "interchange"}
    assert beside(20.0) == {"parallel", "packed"}


def test_rungs_that_are_near_are_no_last_neighbours():
    """The pilot may have taken the slower one for the faster."""
    assert beside(101.0) == beside(99.0) == {"naive", "interchange", "parallel"}


def test_ends_of_the_ladder_have_one_neighbour():
    assert beside(9999.0, naive=1000.0, interchange=100.0) == {"naive", "interchange"}
    assert beside(1.0) == {"packed"}


def test_first_faster_rung_is_measured_though_another_is_slower():
    """Its idea comes next; but no idea from before the kernel's own rung."""
    ladder_ns = {"naive": 1001.0, "interchange": 5.0, "parallel": 10.0, "divide": 100.0}

    assert beside(1000.0, **ladder_ns) == {"naive", "interchange", "divide"}
    assert beside(1000.0, like="interchange", **ladder_ns) == {"naive", "parallel", "divide"}


def test_kernel_stands_between_the_rungs_that_surely_differ():
    naive, interchange, parallel = ladder = kernels("naive", "interchange", "parallel")
    estimates = {"x/naive": estimate(10), "x/interchange": estimate(2), "x/parallel": estimate(1)}

    standing = standing_of(estimate(5), ladder, estimates, 0.95)

    assert standing == Standing((naive,), (), (interchange, parallel))
    assert (standing.below, standing.above) == (naive, interchange)
    assert standing_of(estimate(0.5), ladder, estimates, 0.95).below is parallel


def test_rung_that_cannot_be_told_apart_is_level():
    naive, interchange = ladder = kernels("naive", "interchange")

    standing = standing_of(estimate(2), ladder, {"x/naive": estimate(10), "x/interchange": estimate(2)}, 0.95)

    assert standing == Standing((naive,), (interchange,))


def test_rung_that_was_not_measured_is_left_out():
    [naive, _] = ladder = kernels("naive", "interchange")

    assert standing_of(estimate(2), ladder, {"x/naive": estimate(10)}, 0.95) == Standing((naive,))


def test_next_rung_is_the_first_of_the_ladder_that_is_faster():
    [naive, interchange, parallel] = ladder = kernels("naive", "interchange", "parallel")

    assert next_rung(Standing((), (naive,), (parallel, interchange)), naive, ladder, []) is interchange
    assert next_rung(Standing((naive,), (interchange,), (parallel,)), naive, ladder, []) is parallel


def test_next_rung_is_none_before_the_rung_that_a_kernel_is_like():
    [naive, interchange, parallel] = ladder = kernels("naive", "interchange", "parallel")

    assert next_rung(Standing((), (), (naive, parallel)), interchange, ladder, []) is parallel
    assert next_rung(Standing((parallel,), (), (naive,)), interchange, ladder, []) is parallel


def test_above_its_ladder_the_next_rung_is_of_another_kind_or_language():
    ladder, numba, c = kernels("naive", "parallel"), kernels("divide-numba"), kernels("divide", language="c")
    top = Standing(tuple(ladder))

    assert next_rung(top, ladder[0], ladder, [*ladder, *numba, *c]) is numba[0]
    assert next_rung(top, ladder[0], ladder, c) is c[0]


def test_nothing_comes_after_the_last_rung():
    [library] = kernels("library")

    assert next_rung(Standing((library,)), library, [library], [library]) is None
