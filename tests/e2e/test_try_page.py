"""The page of a tried folder in a real browser: nothing is asked for, said or inaccessible, whatever the names are."""

from __future__ import annotations

import pytest

from harness.attempt.page import page as page_text
from tests.attempts import HOSTILE, LIE, WRONG, document, right
from tests.axe import run_axe, violations

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_page_of_a_class_is_readable_and_sorts(chromium, tmp_path, scheme, width):
    names = [HOSTILE, "a" * 255, "ada.c"]
    entries = [right(name, i + 1, str(i + 1), next_idea="Next: another.") for i, name in enumerate(names)]
    (tmp_path / "class.html").write_text(page_text(document(*entries, WRONG, LIE)))
    context = chromium.new_context(offline=True, color_scheme=scheme, viewport={"width": width, "height": 900})
    page, said, asked = context.new_page(), [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda asking: asked.append(asking.url))

    page.goto((tmp_path / "class.html").as_uri())
    found = violations(run_axe(page))
    page.get_by_role("button", name="time", exact=True).click()
    page.get_by_role("button", name="time", exact=True).click()
    first = page.locator("#entries tbody tr").first.inner_text()
    page.locator("select[name=verdict]").select_option("wrong")

    assert found == [] and said == [] and asked == [(tmp_path / "class.html").as_uri()]
    assert "ada.c" in first and page.locator("#entries tbody tr:visible").count() == 1
    box = page.locator("main").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    context.close()
