"""The report in a real browser: from file://, with no network, scripts on and off, wide and narrow, light and dark."""

from __future__ import annotations

import shutil

import pytest
from conftest import add_rung, harness, need

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The page of a small run."""
    from conftest import CONFIG, KERNEL, SOURCE

    project = tmp_path_factory.mktemp("browser")
    (project / "config.yaml").write_text(CONFIG)
    toy = project / "kernels" / "toy"
    toy.mkdir(parents=True)
    (toy / "kernel.yaml").write_text(KERNEL)
    (toy / "naive.py").write_text(SOURCE)
    add_rung(project, "interchange", "return c")
    add_rung(project, "parallel", "c[0] += 1; return c")
    assert harness("run-all", "--config", str(project / "config.yaml")).returncode == 1
    return project / "reports" / "latest" / "report.html"


@pytest.fixture(scope="module")
def chromium():
    """A running headless chromium."""
    path = shutil.which("chromium")
    need(path, "Debian's chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture(params=["light", "dark", "narrow", "no scripts"])
def page(request, chromium, report):
    """The report as it is opened in different circumstances; fails if it asked for anything or said anything."""
    context = chromium.new_context(
        offline=True,
        color_scheme="dark" if request.param == "dark" else "light",
        viewport={"width": 360 if request.param == "narrow" else 1280, "height": 900},
        java_script_enabled=request.param != "no scripts",
    )
    page, said, asked = context.new_page(), [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda asking: asked.append(asking.url))
    page.goto(report.resolve().as_uri())
    yield page
    page.wait_for_timeout(200)
    assert said == []
    assert asked == [report.resolve().as_uri()]
    context.close()


def test_it_opens_says_nothing_asks_for_nothing_and_shows_the_answer(page):
    assert page.locator("h1").inner_text().startswith("On this machine, the product of two 64 × 64 matrices")
    assert page.locator("section table").first.locator("tbody tr").count() == 3
    assert page.locator("tr.failed").inner_text().count("values are wrong") == 1
    assert page.locator("figure svg").is_visible()


def test_it_never_scrolls_sideways_as_a_whole(page):
    box = page.locator("main").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= page.viewport_size["width"]
    for heading in page.locator("h1, h2, figure").all():
        inside = heading.bounding_box()
        assert inside["x"] + inside["width"] <= page.viewport_size["width"]


def test_a_kernel_is_unfolded_by_keyboard_and_shows_its_source(page):
    summary = page.locator("summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("details[open] pre").first.is_visible()
    assert "def multiply" in page.locator("details[open] pre").first.inner_text()


def test_it_prints(chromium, report, tmp_path):
    page = chromium.new_page()
    page.goto(report.resolve().as_uri())
    assert page.pdf(path=tmp_path / "report.pdf").startswith(b"%PDF")
    page.close()
