"""The page of many hosts in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.hosts.page import page as page_of
from tests.unit.hosts.hosts import two_hosts

pytestmark = pytest.mark.browser


def test_axe_finds_nothing_and_rows_are_filtered_and_sorted(chromium, tmp_path):
    import axe_playwright_python

    (tmp_path / "hosts.html").write_text(page_of(two_hosts(), "EUR", deadline_s=2.0))
    page = chromium.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto((tmp_path / "hosts.html").as_uri())

    page.evaluate((Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text())
    found = page.evaluate("axe.run()")
    page.locator('.filters[data-table="rows"] select[name=host]').select_option("cheap")
    page.get_by_role("button", name="GFLOPS").last.click()

    assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found["violations"]] == []
    assert page.locator("#rows tbody tr:visible").count() == 3
    assert page.locator("#rows tbody tr:visible th").first.inner_text() == "python/naive"
    assert errors == []
    page.close()
