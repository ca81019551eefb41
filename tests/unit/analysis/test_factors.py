"""Test a speed-up as the product of its steps: which steps, what they multiply to, and when there is no product."""

from __future__ import annotations

import math

import pytest

from harness.analysis.factors import product_of
from harness.analysis.intervals import ratio
from tests.factories import estimate, timed_row

C = {"python/naive": 6000.0, "c/naive": 400.0, "c/interchange": 40.0, "c/parallel": 20.0, "c/divide": 10.0} | {
    "c/vector": 4.0,
    "c/intrinsics": 2.0,
    "c/packed": 1.0,
}


def product(times_s: dict[str, float], fastest: str = "c/packed", baseline: str = "python/naive"):
    """Return the product of kernels with these times, the same in each of ten rounds."""
    estimates = {
        name: estimate(value_ns=seconds * 1e9, by_round=dict.fromkeys(range(10), seconds * 1e9))
        for name, seconds in times_s.items()
    }
    rows = [timed_row(name, seconds) for name, seconds in times_s.items()]
    return product_of(estimates, rows, baseline, timed_row(fastest, 1.0), 0.95)


def steps(found) -> list[tuple[str, str]]:
    return [(factor.name, factor.after_kernel) for factor in found.factors]


def without(*names: str) -> dict[str, float]:
    return {name: seconds for name, seconds in C.items() if name not in names}


def test_steps_lead_from_the_baseline_up_the_ladder():
    found = product(C)

    assert [factor.name for factor in found.factors] == [
        "language",
        "loop order",
        "cores",
        "blocks",
        "vectors",
        "intrinsics",
        "packing",
    ]
    assert [factor.ratio.value for factor in found.factors] == pytest.approx([15, 10, 2, 2, 2.5, 2, 2])
    assert found.total.value == pytest.approx(6000)


def test_each_step_begins_where_the_one_before_it_ends():
    found = product(C)

    ends = [(factor.before_kernel, factor.after_kernel) for factor in found.factors]
    assert ends[0][0] == "python/naive" and ends[-1][1] == "c/packed"
    assert [before for before, _ in ends[1:]] == [after for _, after in ends[:-1]]


def test_step_of_an_unmeasured_rung_joins_the_next():
    found = product(without("c/parallel", "c/intrinsics"))

    assert steps(found)[2:] == [
        ("cores and blocks", "c/divide"),
        ("vectors", "c/vector"),
        ("intrinsics and packing", "c/packed"),
    ]
    assert found.factors[2].ratio.value == pytest.approx(4)


def test_device_has_steps_of_its_own():
    found = product({"python/naive": 60.0, "gpu/naive": 4.0, "gpu/tiled": 2.0, "gpu/packed": 1.0}, "gpu/packed")

    assert steps(found) == [("language", "gpu/naive"), ("tiles", "gpu/tiled"), ("packing", "gpu/packed")]


def test_language_joins_the_next_step_without_its_naive_rung():
    found = product(without("c/naive", "c/interchange"))

    assert steps(found)[0] == ("language to cores", "c/parallel")


def test_product_ends_at_a_lower_rung_that_is_the_fastest():
    found = product(C, fastest="c/vector")

    assert steps(found)[-1] == ("vectors", "c/vector")
    assert found.total.value == pytest.approx(1500)


def test_slower_step_is_a_factor_below_one():
    found = product(C | {"c/divide": 40.0})

    assert found.factors[3].ratio.value == pytest.approx(0.5)
    assert found.total.value == pytest.approx(6000)


def test_variant_climbs_its_own_ladder():
    """Numba's loops are compiled, so a step from the interpreter's loops to them is none of the loop order."""
    times_s = {"python/naive": 100.0, "python/interchange": 90.0, "python/naive-numba": 2.0, "python/packed-numba": 1.0}

    found = product(times_s, fastest="python/packed-numba")

    assert steps(found) == [
        ("implementation", "python/naive-numba"),
        ("loop order to packing", "python/packed-numba"),
    ]


def test_baseline_of_the_same_language_takes_no_step_of_language():
    assert steps(product(C, baseline="c/naive"))[0] == ("loop order", "c/interchange")


def test_baseline_of_a_later_rung_skips_the_rungs_below_it():
    assert steps(product(C | {"java/divide": 30.0}, baseline="java/divide"))[:2] == [
        ("language", "c/divide"),
        ("vectors", "c/vector"),
    ]


def test_steps_from_and_to_an_estimate_are_estimates():
    estimates = {name: estimate(value_ns=seconds * 1e9, estimated=name == "c/naive") for name, seconds in C.items()}
    rows = [timed_row(name, seconds) for name, seconds in C.items()]

    found = product_of(estimates, rows, "python/naive", rows[-1], 0.95)

    assert [factor.name for factor in found.factors if factor.estimated] == ["language", "loop order"]
    assert not found.estimated


@pytest.mark.parametrize("drift", [0.0, 0.3])
def test_factors_and_remainder_multiply_to_the_total(drift):
    """c/parallel misses rounds, so that its ratios are of other rounds than those of its neighbours."""
    estimates = {
        name: estimate(
            value_ns=seconds * 1e9 * (1 + drift),
            by_round={
                number: seconds * 1e9 * (1 + drift * math.sin(number + len(name)))
                for number in (range(3) if name == "c/parallel" else range(10))
            },
        )
        for name, seconds in C.items()
    }
    rows = [timed_row(name, seconds) for name, seconds in C.items()]

    found = product_of(estimates, rows, "python/naive", rows[-1], 0.95)

    multiplied = math.prod(factor.ratio.value for factor in found.factors)
    assert multiplied * found.remainder == pytest.approx(found.total.value, rel=1e-12)
    assert (found.remainder == pytest.approx(1, abs=0.001)) is (drift == 0.0)


def test_factors_and_total_are_the_ratios_that_the_table_shows():
    noisy = {
        name: estimate(
            value_ns=seconds * 1e9,
            by_round={number: seconds * 1e9 * (1 + 0.01 * (number * len(name) % 7)) for number in range(10)},
        )
        for name, seconds in C.items()
    }
    rows = [timed_row(name, seconds) for name, seconds in C.items()]

    found = product_of(noisy, rows, "python/naive", rows[-1], 0.95)

    value, bounds = ratio(noisy["c/vector"], noisy["c/intrinsics"], 0.95)
    step = found.factors[5].ratio
    assert (step.value, step.low, step.high) == (value, bounds.low, bounds.high)
    assert found.total.value == ratio(noisy["python/naive"], noisy["c/packed"], 0.95)[0]


@pytest.mark.parametrize(
    ("fastest", "baseline"),
    [("c/packed", "ruby/naive"), ("c/naive", "c/naive"), ("c/naive", "c/packed"), ("c/packed", "c/library-mkl")],
)
def test_no_product_without_a_way_up(fastest, baseline):
    """The baseline was not measured, is the fastest kernel, is above it, or is on no rung of multiply-adds."""
    assert product(C | {"c/library-mkl": 1.0}, fastest, baseline) is None
