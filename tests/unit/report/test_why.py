"""Test the lines that say why a speed-up is so large."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.model.result import Quantity, Rate
from harness.report.why import identity_line, paper_identity, paper_speed_up, product_line, why_lines


def test_product_is_a_line(product):
    assert product_line(product) == (
        "454 times (python/naive to c/parallel) = 14.2 (language) × 32.0 (loop order and cores)"
    )


def test_estimates_are_marked(results, product):
    factors = (replace(product.factors[0], estimated=True), product.factors[1])
    rows = [replace(row, estimated=row.kernel == "python/naive") for row in results.rows]
    estimated = replace(results, rows=rows, product=replace(product, factors=factors, estimated=True))

    first, second = why_lines(estimated)

    assert first == (
        "454 times (python/naive to c/parallel, est.) = 14.2 (language, est.) × 32.0 (loop order and cores)"
    )
    assert "(Python is 3.72 times faster here, est.)" in second


def test_remainder_is_a_factor_of_the_line(product):
    assert product_line(replace(product, remainder=1.034)).endswith(
        " × 1.03 (remainder: steps and total from different rounds)"
    )


def test_remainder_of_rounding_is_not_shown(product):
    assert "remainder" not in product_line(replace(product, remainder=1.004))


def test_paper_is_its_own_speed_up():
    paper = paper_speed_up()

    assert paper.times == pytest.approx(62_806, rel=1e-12)
    assert paper.peak_share == pytest.approx(0.4045, abs=0.0001)


def test_identity_is_a_line(results):
    assert identity_line(paper_identity(results)) == (
        "The paper's 62,806 × 0.269 (Python is 3.72 times faster here) × 0.141 (peak 118 of 835 GFLOPS) "
        "× 1.24 (50.0% of peak instead of 40.5%) = 2,950"
    )


def test_identity_with_a_slower_python_at_another_n(results):
    rows = [replace(row, n=512, rate=Rate(row.rate.gflops / 10)) for row in results.rows]

    line = identity_line(paper_identity(replace(results, rows=rows)))

    assert "× 2.69 (Python is 2.69 times slower here per multiply-add)" in line


def test_identity_s_remainder_leads_to_the_same_total(results):
    moved = replace(results, product=replace(results.product, total=Quantity(3000.0)))

    assert identity_line(paper_identity(moved)).endswith(
        "× 1.02 (remainder: the total is computed by rounds, rates are not) = 3,000"
    )


@pytest.mark.parametrize("change", ["no peak", "other language", "no product"])
def test_no_identity_without_what_it_needs(results, change):
    """The paper's number is relative to Python, and to a peak."""
    if change == "no peak":
        results = replace(results, record=replace(results.record, peak=None))
    elif change == "no product":
        results = replace(results, product=None)
    else:
        results = replace(results, rows=[replace(row, language="x") for row in results.rows])

    assert paper_identity(results) is None
    assert len(why_lines(results)) == (0 if change == "no product" else 1)
