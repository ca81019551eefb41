"""The report in Firefox: what differs between browsers, which are policies, keys, colours, workers and WebAssembly."""

from __future__ import annotations

import re

import pytest

from harness.publish import make_site, serving
from harness.util.paths import ROOT
from tests.axe import axe_script, violations
from tests.needs import need
from tools import firefox
from tools.firefox import Firefox

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Start a headless Firefox."""
    need(firefox.find_firefox(), "Debian's firefox-esr")
    with firefox.started(tmp_path_factory.mktemp("firefox")) as started:
        yield started


@pytest.fixture
def page(browser):
    """The browser; the test fails if a page wrote to the console or asked for anything."""
    yield browser
    assert browser.console() == []
    assert browser.requests() == []


def address(run) -> str:
    """Return the address of a run's report as a file."""
    return (run.folder / "report.html").resolve().as_uri()


def kernels(page: Firefox) -> list[str]:
    """Return the kernels that the table shows, in its order."""
    rows = page.marionette.find_elements("css selector", "#kernels tbody tr th")
    return [row.text for row in rows if row.is_displayed()]


@pytest.mark.parametrize("width", [500, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_and_nothing_is_too_wide(page, failed_run, width, dark):
    page.open(address(failed_run), width=width, dark=dark)
    page.run("for (const one of document.querySelectorAll('details')) one.open = true")
    run = "window.axe.run().then(arguments[arguments.length - 1])"
    answer = page.marionette.execute_async_script(f"{axe_script()}; {run}")

    assert violations(answer) == []
    assert page.run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_report_can_be_read_without_scripts(page, failed_run):
    page.open(address(failed_run), scripts=False)

    assert ", the product of two 64 × 64 matrices of doubles takes Toy (" in page.text("h1")
    assert "values are wrong" in page.text("tr.failed")
    assert page.find("figure svg").is_displayed()


def test_the_table_is_sorted_by_keyboard_and_by_its_address(page, failed_run):
    page.open(address(failed_run))
    button = next(
        one for one in page.marionette.find_elements("css selector", "#kernels th button") if one.text == "kernel"
    )
    button.send_keys("\ue007")  # Enter

    assert kernels(page) == ["toy/interchange", "toy/naive", "toy/parallel"]
    page.open(page.marionette.get_url().replace("sort=kernel", "sort=-kernel"))
    assert kernels(page) == ["toy/parallel", "toy/naive", "toy/interchange"]


def test_the_table_is_filtered_by_its_address(page, failed_run):
    page.open(address(failed_run) + "#rung=naive")

    assert kernels(page) == ["toy/naive"]
    assert page.text("output") == "1 of 3 rows"


def test_a_dot_tells_its_kernel(page, finished_run):
    page.open(address(finished_run))
    page.run("document.querySelector(\"figure.chart svg [tabindex='0']\").focus()")

    assert page.text(".tip").startswith("toy/") and "verified" in page.text(".tip")


def cell(page: Firefox, kernel: str, name: str) -> str:
    return page.text(f"tr[data-kernel={kernel}] [data-cell={name}]")


def test_a_page_from_a_file_measures_one_core(page, finished_run):
    page.open(address(finished_run))

    assert page.measure(256) == "Done, n = 256: all results verified."
    for kernel in ("js-naive", "js-interchange", "wasm-scalar", "wasm-simd", "wasm-packed"):
        assert "verified" in cell(page, kernel, "how")
        assert re.fullmatch(r"[\d.,]+ (s|ms|µs)( est\.)?", cell(page, kernel, "time"))
    assert cell(page, "wasm-packed-all", "how").startswith("one core only")


def test_a_page_from_the_server_measures_all_cores(page, finished_run, tmp_path):
    site = make_site(finished_run.folder, tmp_path / "site")
    with serving(site, ROOT / "build", 0) as (url, _):
        page.open(url)

        assert page.measure(256) == "Done, n = 256: all results verified."
        assert re.search(r"verified; \d+ workers", cell(page, "wasm-packed-all", "how"))
