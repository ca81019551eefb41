"""The page measures the machine of its reader: in a real browser, from a file and from the server."""

from __future__ import annotations

import re

import pytest

from harness.publish import make_site, serving
from harness.util.paths import ROOT
from tools.browser_bench import measure_chromium

pytestmark = pytest.mark.browser

ONE_CORE = ("js-naive", "js-interchange", "wasm-scalar", "wasm-simd", "wasm-packed")


@pytest.fixture
def opened(chromium):
    """A function that opens an address; the test fails if the page says something or asks for anything."""
    context = chromium.new_context()
    page, said, asked = context.new_page(), [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))

    def opened(address: str):
        page.goto(address)
        return page

    yield opened
    context.close()
    assert said == []
    assert len([url for url in asked if not url.startswith("blob:")]) == 1


def changed(run, folder, pattern: str, replacement: str) -> str:
    """Return the address of a copy of a run's page, changed by a pattern, and with few repetitions."""
    text = (run.folder / "report.html").read_text()
    text = text.replace("&#34;repetitions&#34;: 9", "&#34;repetitions&#34;: 3")
    (folder / "report.html").write_text(re.sub(pattern, replacement, text))
    return (folder / "report.html").as_uri()


def cell(page, kernel: str, name: str) -> str:
    return page.locator(f"tr[data-kernel={kernel}] [data-cell={name}]").inner_text()


def test_a_page_from_a_file_measures_one_core(opened, finished_run):
    page = opened((finished_run.folder / "report.html").resolve().as_uri())

    assert measure_chromium(page, 256) == "Done, n = 256: all results verified."
    for kernel in ONE_CORE:
        assert "verified" in cell(page, kernel, "how")
        assert re.fullmatch(r"[\d.,]+ (s|ms|µs)( est\.)?", cell(page, kernel, "time"))
        assert float(cell(page, kernel, "gflops").replace(",", "")) > 0
    assert cell(page, "wasm-packed-all", "how").startswith("one core only")
    assert "WebAssembly over JavaScript" in page.locator("#browser .summary").inner_text()


def test_a_page_from_the_server_measures_all_cores(opened, finished_run, tmp_path):
    site = make_site(finished_run.folder, tmp_path / "site")
    with serving(site, ROOT / "build", 0) as (address, _):
        page = opened(address)

        # large enough that workers that disturb each other do so in some of the repetitions
        assert measure_chromium(page, 512) == "Done, n = 512: all results verified."
        assert re.search(r"verified; \d+ workers", cell(page, "wasm-packed-all", "how"))


def test_a_result_that_differs_is_wrong_and_has_no_time(opened, finished_run, tmp_path):
    page = opened(changed(finished_run, tmp_path, r"\b[0-9a-f]{64}\b", "0" * 64))

    assert measure_chromium(page, 256) == "Done, n = 256: 5 wrong."
    for kernel in ONE_CORE:
        assert cell(page, kernel, "how") == "wrong: the SHA-256 of its result is not the expected one"
        assert cell(page, kernel, "time") == "–"


def test_a_browser_that_hides_its_sha_256_verifies_by_the_module(opened, finished_run, tmp_path):
    """A browser has no crypto.subtle for a page that came by http: from another machine."""
    page = opened(changed(finished_run, tmp_path, re.escape("self.crypto?.subtle"), "false"))

    assert measure_chromium(page, 256) == "Done, n = 256: all results verified."


def test_a_measurement_can_be_stopped(opened, finished_run):
    page = opened((finished_run.folder / "report.html").resolve().as_uri())
    section = page.locator("#browser")

    section.get_by_role("button", name="Measure").click()
    section.get_by_role("button", name="Stop").click()

    assert section.locator("[role=status]").inner_text() == "Stopped."
