"""Test the waterfall of the factors of a speed-up."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from harness.report.charts.factors import factors_chart


def test_bars_begin_where_the_ones_above_end(product):
    bars = bars_of(factors_chart(product))

    assert [label for label, _, _ in bars] == [
        "language: × 14.2 (13.9 to 14.6)",
        "loop order and cores: × 32.0 (30.0 to 35.0)",
        "product: 454 (440 to 470)",
    ]
    (_, first, width), (_, second, width_2), (_, total, width_3) = bars
    assert first == total == 0
    assert second == pytest.approx(first + width)
    assert width_3 == pytest.approx(width + width_2)


def test_chart_fits_a_phone(product):
    [width] = re.findall(r'viewBox="0 0 (\d+) ', factors_chart(product))

    assert int(width) <= 400


def test_chart_has_the_remainder_and_no_line_for_it(product):
    """A bar without an interval has none of width zero."""
    svg = factors_chart(replace(product, remainder=0.9))

    assert "remainder: × 0.900" in [label for label, _, _ in bars_of(svg)]
    assert "remainder" not in "".join(re.findall(r"<line[^>]*>", svg))


def test_estimates_are_marked(product):
    marked = replace(product, factors=(replace(product.factors[0], estimated=True), product.factors[1]))

    labels = [label for label, _, _ in bars_of(factors_chart(marked))]

    assert [label.endswith(", est.") for label in labels] == [True, False, False]


def test_no_chart_without_a_product():
    assert factors_chart(None) == ""


def bars_of(svg: str) -> list[tuple[str, float, float]]:
    """Return the label, the left end and the width of each bar, from top to bottom."""
    found = re.findall(r'label: ([^;"]*); [^>]*aria-roledescription="bar" d="M([\d.]+),[\d.]+h([\d.]+)v', svg)
    return [(label, float(left), float(width)) for label, left, width in found]
