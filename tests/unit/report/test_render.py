"""Test the page that is rendered from results."""

from __future__ import annotations

import re
from dataclasses import replace

from harness.model.result import Rate
from harness.report.render import render
from tests import factories


def test_matrix_engine_is_shown_beside_its_own_peak(tmp_path):
    """A kernel that multiplies bytes has its share of the matrix engine, and a roof of its own."""
    results = factories.measured_results(tmp_path, {"c/naive": 10.0, "c/engine": 5.0})
    engine = factories.measured_row("c/engine", 5.0, int8_products=15, threads=2, rate=Rate(450.0, 0.68, 3.8))
    peak = factories.peak({2: 118.0}, memory_gbs={2: 30.0}, engine_gops={2: 10_000.0})
    record = replace(results.record, peak=peak)

    text = render(replace(results, record=record, rows=[results.rows[0], engine]))

    assert "68.0 <small>of the matrix engine; 3.80 × the FMA peak</small>" in text
    assert "The matrix engine did 10,000 GOPS on bytes with 2 threads" in text
    assert "matrix engine, 2 threads: 10,000 GOPS on bytes / 15" in text


def test_section_shows_factors_identity_and_chart(results):
    section = section_of(render(results))

    assert 'class="narrow"' in section and "<svg" in section
    assert re.search(
        r'loop order and cores</th>.*?c/parallel</a></td><td class="n">32.0</td><td class="n">30.0 – 35.0<', section
    )
    assert '<td class="n">0.00538</td><td class="n">0.0200</td><td class="n">0.269</td>' in section
    assert '<td class="n">62,806</td><td class="n">2,950</td>' in section


def test_section_marks_estimates(results):
    factors = tuple(replace(factor, estimated=True) for factor in results.product.factors)

    section = section_of(render(replace(results, product=replace(results.product, factors=factors))))

    assert section.count(">est.</abbr>") == 2


def test_page_without_a_product_has_no_section(results):
    page = render(replace(results, product=None))

    assert "Why so many times" not in page and 'href="#why"' not in page


def section_of(page: str) -> str:
    return re.search(r'<h2 id="why">.*?</section>', page, re.S)[0]
