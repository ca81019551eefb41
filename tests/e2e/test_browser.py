"""The report in a real browser: from file://, with no network, scripts on and off, wide and narrow, light and dark."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from harness.analysis.compare import Run, compare
from harness.model.job import Built, Provided
from harness.model.result import Factor, Product, Quantity
from harness.report import comparison
from harness.report.render import render
from tests import factories
from tests.axe import run_axe, violations

pytestmark = pytest.mark.browser

RUNGS = ("naive", "interchange", "parallel", "vector", "packed")


@pytest.fixture(scope="module")
def report(failed_run):
    """Return the page of a run of three kernels, of which one is wrong."""
    return failed_run.folder / "report.html"


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


def test_it_shows_the_answer_and_asks_for_nothing(page):
    assert ", the product of two 64 × 64 matrices of doubles takes Toy (" in page.locator("h1").inner_text()
    assert page.locator("#kernels tbody tr").count() == 3
    assert page.locator("tr.failed").inner_text().count("values are wrong") == 1
    assert page.locator("figure svg").first.is_visible()


def test_it_never_scrolls_sideways_as_a_whole(page):
    box = page.locator("main").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= page.viewport_size["width"]
    for heading in page.locator("h1, h2, figure").all():
        inside = heading.bounding_box()
        assert inside["x"] + inside["width"] <= page.viewport_size["width"]


def test_a_kernel_is_unfolded_by_keyboard_to_its_source(page):
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


def opened(chromium, report, fragment: str = "", **context):
    page = chromium.new_context(offline=True, **context).new_page()
    page.goto(report.resolve().as_uri() + fragment)
    return page


def kernels(page) -> list[str]:
    """The kernels that the table shows, in its order."""
    return page.locator("#kernels tbody tr:visible th").all_inner_texts()


def test_the_table_is_sorted_by_keyboard_and_by_its_address(chromium, report):
    page = opened(chromium, report)
    button = page.locator("#kernels th button", has_text="kernel").first
    button.focus()
    page.keyboard.press("Enter")
    assert kernels(page) == ["toy/interchange", "toy/naive", "toy/parallel"]
    assert page.url.endswith("#sort=kernel")
    page.keyboard.press("Enter")
    assert kernels(page) == ["toy/parallel", "toy/naive", "toy/interchange"]
    assert page.locator("#kernels th[aria-sort=descending]").inner_text().startswith("kernel")
    again = opened(chromium, report, "#" + page.url.split("#")[1])
    assert kernels(again) == ["toy/parallel", "toy/naive", "toy/interchange"]


def test_a_row_without_a_value_comes_last_in_either_order(chromium, report):
    for fragment in ("#sort=time", "#sort=-time"):
        assert kernels(opened(chromium, report, fragment))[-1] == "toy/parallel"


def test_the_table_is_filtered_by_keyboard_and_by_its_address(chromium, report):
    page = opened(chromium, report)
    page.locator("select[name=rung]").focus()
    page.keyboard.type("naive")
    assert kernels(page) == ["toy/naive"]
    assert page.locator("output").inner_text() == "1 of 3 rows"
    assert "rung=naive" in page.url
    again = opened(chromium, report, "#rung=naive")
    assert again.locator("select[name=rung]").input_value() == "naive"
    again.get_by_role("button", name="show all").click()
    assert len(kernels(again)) == 3 and "#" not in again.url
    again.locator("input[type=search]").focus()
    again.keyboard.type("values are wrong")
    assert kernels(again) == ["toy/parallel"]


def test_a_hostile_address_changes_nothing_but_the_view(chromium, report):
    said = []
    page = chromium.new_context(offline=True).new_page()
    page.on("pageerror", lambda error: said.append(str(error)))
    for fragment in ("#sort=<img src=x onerror=alert(1)>&language=%00", "#sort=__proto__", "#%E0%A4%A", "#=", "#x/y"):
        page.goto("about:blank")
        page.goto(report.resolve().as_uri() + fragment)
        assert page.locator("h1").is_visible()
    assert said == []
    assert page.locator("main img").count() == 0


def test_a_link_to_a_kernel_unfolds_it(chromium, report):
    page = opened(chromium, report, "#toy/naive")
    assert page.locator("details[open] pre").first.is_visible()


def test_files_are_downloaded_from_the_page_itself(chromium, report):
    page = opened(chromium, report, accept_downloads=True)
    with page.expect_download() as download:
        page.get_by_role("link", name="results.csv").click()
    assert download.value.suggested_filename.endswith("results.csv")
    assert Path(download.value.path()).read_bytes() == (report.parent / "results.csv").read_bytes()


@pytest.fixture(scope="module")
def ladder(tmp_path_factory):
    """The page of a run of ten kernels in two languages, whose speed-up has steps."""
    folder = tmp_path_factory.mktemp("ladder")
    times_s = {f"l{i}/{rung}": 10.0 / (1 + i) / 3**step for i in range(2) for step, rung in enumerate(RUNGS)}
    results = factories.measured_results(folder, times_s)
    factors = tuple(
        Factor(name, f"l0/{before}", f"l0/{after}", Quantity(3.0, 2.9, 3.1))
        for name, (before, after) in zip(("loop order", "cores", "vectors", "packing"), pairwise(RUNGS), strict=True)
    )
    page = folder / "report.html"
    page.write_text(render(replace(results, product=Product(factors, Quantity(81.0, 80.0, 82.0), 1.0))))
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("name", ["report", "ladder"])
def test_axe_finds_nothing(chromium, request, name, scheme, width):
    page = opened(
        chromium, request.getfixturevalue(name), color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")

    answer = run_axe(page)

    assert violations(answer) == []
    assert len(answer["passes"]) > 20


def compared_run(name: str, time_ns: float, **host: str) -> Run:
    """Return a run of one kernel with twelve launches of two calls, on a machine that these fields describe."""
    row = factories.row("x/naive", time=Quantity(time_ns / 1e9))
    samples = [one for i in range(12) for one in factories.launch([time_ns, time_ns * (1 + i / 1000)], i)]
    record = factories.run_record(
        id=name,
        host=factories.host(**host),
        built={"x/naive": Built(Path("out"), "d", 1, 1.0, ())},
        toolchains={"x/naive": Provided("x 1.0")},
    )
    return Run(record, {"x/naive": row}, {"x/naive": samples})


def test_axe_finds_nothing_on_a_page_of_compared_runs(chromium, tmp_path):
    first = compared_run("a", 1e8)
    comparisons = [compare(first, compared_run("b", 1.1e8)), compare(first, compared_run("c", 1e8, cpu="another"))]
    file = tmp_path / "compare.html"
    file.write_text(comparison.page(comparisons))
    page = opened(chromium, file)

    assert violations(run_axe(page)) == []
    page.get_by_role("button", name="verdict").first.click()
    assert page.url.endswith("#sort=verdict")


def test_a_dot_tells_its_kernel_and_marks_it_everywhere(chromium, ladder):
    """By the mouse, and by the keyboard from dot to dot; the text is that of the table."""
    page = opened(chromium, ladder)
    dot = page.locator("figure.chart svg path[aria-label^='l0/packed:']").first
    dot.hover()
    tip = page.locator(".tip")
    assert tip.inner_text().startswith("l0/packed") and "verified" in tip.inner_text()
    time = page.locator("#kernels tr[data-kernel='l0/packed'] td").nth(2).inner_text()
    assert time in tip.inner_text()
    assert "hot" in page.locator("#kernels tr[data-kernel='l0/packed']").get_attribute("class")
    page.locator("figure.chart svg [tabindex='0']").first.focus()
    first = tip.inner_text()
    page.keyboard.press("ArrowDown")
    assert tip.inner_text() != first
    page.keyboard.press("Escape")
    assert tip.is_hidden()


def test_filters_of_the_table_apply_to_charts_and_other_tables(chromium, ladder):
    page = opened(chromium, ladder, "#language=L1")
    others = page.locator("table:not(.kernels) tr[data-kernel*='/']:visible")
    assert others.count() and all(
        name.startswith("l1/") for name in others.evaluate_all("rows => rows.map(row => row.dataset.kernel)")
    )

    faint = page.locator("figure.chart svg .off").count()

    assert faint > 0
    labels = page.locator("figure.chart svg path[aria-label]:not(.off)").evaluate_all(
        "all => all.map(one => one.getAttribute('aria-label')).filter(label => label.includes('/'))"
    )
    assert labels and all(label.startswith("l1/") for label in labels)


def test_two_languages_are_put_beside_each_other(chromium, tmp_path):
    report = tmp_path / "report.html"
    report.write_text(render(factories.measured_results(tmp_path, {f"l{i}/naive": 1.0 + i for i in range(3)})))
    page = opened(chromium, report)
    assert page.locator("select[name=and]").is_hidden()

    page.locator("select[name=language]").select_option("L0")
    page.locator("select[name=and]").select_option("L2")

    assert kernels(page) == ["l0/naive", "l2/naive"]
    assert page.url.endswith("#language=L0&and=L2")


def test_no_table_scrolls_sideways_before_all_columns_are_asked_for(chromium, ladder):
    page = opened(chromium, ladder, viewport={"width": 1280, "height": 900})

    wide = "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.getAttribute('aria-label'))"
    assert page.locator(".wide:has(table)").evaluate_all(wide) == []
    assert page.locator("#kernels th", has_text="artefact").is_hidden()
    page.locator("#all-columns").check()
    assert page.locator("#kernels th", has_text="artefact").is_visible()


def test_a_link_into_the_story_unfolds_it(chromium, ladder):
    page = opened(chromium, ladder, "#story-2")

    assert page.locator("#story-2").is_visible()
    page.locator("#story-2").get_by_role("link", name="back").click()
    assert page.url.endswith("#story-1") and page.locator("#story-1").is_visible()


EXTREMES = {
    "one kernel": {"c/naive": 1.0},
    "no C": {"python/naive": 1.0, "go/naive": 0.1, "go/packed": 0.01},
    "a factor of 10^9": {"python/naive": 1e6, "c/naive": 1.0, "c/packed": 1e-3},
    "names of 200 characters": {f"{'l' * 190}{i}/{rung}": 1.0 + i for i in range(3) for rung in RUNGS},
}


@pytest.mark.parametrize("name", EXTREMES)
@pytest.mark.parametrize("width", [360, 1280])
def test_extreme_data_stay_within_the_page(chromium, tmp_path, name, width):
    report = tmp_path / "report.html"
    results = factories.measured_results(tmp_path, EXTREMES[name])
    rows = [
        replace(row, time=Quantity(row.time.value, row.time.value / 300, row.time.value * 300)) for row in results.rows
    ]
    report.write_text(render(replace(results, rows=rows)))

    page = opened(chromium, report, viewport={"width": width, "height": 900})

    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    # texts of a chart that lie on each other cannot be read
    overlaps = page.evaluate(OVERLAPS)
    assert overlaps == []


OVERLAPS = """() => [...document.querySelectorAll("figure.chart svg")].flatMap(svg => {
  const texts = [...svg.querySelectorAll("text")].filter(
    text => text.textContent.trim() && !/rotate/.test(text.getAttribute("transform"))); // whose boxes are not theirs
  const boxes = texts.map(text => [text.textContent, text.getBoundingClientRect()]);
  const shared = (a, b, from, to) => Math.min(a[to], b[to]) - Math.max(a[from], b[from]);
  const meet = (a, b) => shared(a, b, "left", "right") > 1 && shared(a, b, "top", "bottom") > 3;
  return boxes.flatMap(([one, box], i) => boxes.slice(i + 1)
    .filter(([, other]) => meet(box, other)).map(([other]) => `${one} | ${other}`));
})"""


def test_it_is_quick_with_five_hundred_kernels(chromium, tmp_path):
    report = tmp_path / "report.html"
    times_s = {f"l{i // 5}/{RUNGS[i % 5]}": 10.0 / (1 + i) for i in range(500)}
    report.write_text(render(factories.measured_results(tmp_path, times_s, launches=40, calls=5)))
    page = opened(chromium, report)
    assert len(kernels(page)) == 500
    took = page.evaluate(
        """() => { const start = performance.now();
        document.querySelector("#kernels th button").click();
        document.querySelector("#kernels").getBoundingClientRect();
        return performance.now() - start; }"""
    )
    assert page.url.endswith("#sort=kernel")
    assert took < 5_000  # tells a page that hangs from one that does not
