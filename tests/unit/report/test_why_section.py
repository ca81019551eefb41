"""Test the section of the page that says why the speed-up is so large."""

from __future__ import annotations

import re
from dataclasses import replace

from harness.report.render import render


def test_section_shows_factors_identity_and_chart(results):
    section = section_of(render(results))

    assert 'class="chart narrow"' in section and "<svg" in section
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
