"""The report: numbers as people read them, nothing from outside becomes markup, and every figure is the table's."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pandas as pd
import pytest
from conftest import SOURCE, harness

from harness.model import Row
from harness.report.text import duration, headline, percent, significant, size

HOSTILE = "</code><script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{7*7}}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (61_936.4, "61,900"),
        (0.012345, "0.0123"),
        (5, "5.00"),
        (999.9, "1,000"),
        (99.96, "100"),
        (0, "0"),
        (1234567, "1,230,000"),
        (3.14159e-7, "0.000000314"),
    ],
)
def test_three_significant_figures(value, text):
    assert significant(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (19_260, "5 h 21 min"),
        (3_600, "1 h 00 min"),
        (125.2, "2 min 05 s"),
        (119.9, "120 s"),
        (31.2e-3, "31.2 ms"),
        (0.9996e-3, "1,000 µs"),
        (4.1e-8, "41.0 ns"),
        (1.0, "1.00 s"),
    ],
)
def test_durations_that_people_read(seconds, text):
    assert duration(seconds) == text


def test_sizes_and_shares():
    assert (size(512), size(16_936), size(3 * 2**30)) == ("512 B", "16.5 KiB", "3.00 GiB")
    assert percent(0.4045) == "40.5%"


def row(kernel: str, seconds: float | None, **more) -> Row:
    base = Row(
        kernel,
        kernel.split("/")[0],
        kernel.split("/")[0].title(),
        kernel.split("/")[1],
        "naive, 1 thread",
        "ok",
        "",
        4096,
        4096,
        1,
        False,
        5,
        median_s=seconds,
        low_s=seconds and seconds * 0.98,
        high_s=seconds and seconds * 1.02,
        speedup=seconds and 25_000 / seconds,
        verified=True,
    )
    return replace(base, **more)


def test_the_headline_tells_estimates_from_measurements():
    rows = [row("python/naive", 25_000, estimated=True, rows=3), row("c/packed", 0.8), row("python/library-numpy", 0.9)]
    said = headline(rows, "python/naive")
    assert "Python (naive, 1 thread) 6 h 57 min (estimated from 3 of 4096 rows, −2.0% +2.0%)" in said
    assert "C (packed, 1 thread) 800 ms (−2.0% +2.0%): 31,200 times" in said


def test_the_headline_names_the_fastest_without_a_library_too():
    rows = [row("python/naive", 25_000), row("python/library-numpy", 0.5), row("c/packed", 0.8)]
    assert "Without a library, the fastest is C (packed, 1 thread)" in headline(rows, "python/naive")


def test_a_headline_without_the_baseline_compares_with_the_slowest():
    assert "C (naive, 1 thread) 10.0 s" in headline([row("c/naive", 10), row("c/packed", 1)], "python/naive")
    assert headline([row("c/naive", None)], "python/naive") == "No kernel was measured in this run."


@pytest.fixture
def page(project):
    """The report of a run with a kernel that is hostile wherever it can be, one that fails and one that is skipped."""
    toy = project / "kernels" / "toy"
    (toy / "naive.py").write_text(SOURCE + f"# {HOSTILE}\n")
    (toy / "interchange.py").write_text(f"import sys; sys.exit({HOSTILE!r})\n")
    text = (toy / "kernel.yaml").read_text().replace("name: Toy", f"name: {HOSTILE!r}".replace("\\'", "''"))
    text += '  interchange: {source: interchange.py, class: "<b>loops</b>"}\n'
    text += f"  engine: {{source: naive.py, requires: [{HOSTILE.split()[0]!r}]}}\n"
    (toy / "kernel.yaml").write_text(text)
    done = harness("run-all", "--config", str(project / "config.yaml"))
    assert done.returncode == 1, done.stderr
    return project / "reports" / "latest" / "report.html"


def test_nothing_from_outside_becomes_markup(page):
    text = page.read_text()
    assert "<script" not in text and "<img" not in text and "<b>loops" not in text
    assert html.escape("<script>alert(1)</script>") in text
    assert "{{7*7}}" in html.unescape(text) and "49" not in re.findall(r"&#39;&amp;(\d+)", text)


def test_the_page_asks_for_nothing(page):
    text = page.read_text()
    assert "default-src 'none'" in text
    outside = re.findall(r"""(?:src|href|action|data)=["']([^"'#]+)""", text) + re.findall(r"url\(([^)]*)\)", text)
    assert [address for address in outside if address != "data:,"] == []


def test_failures_and_skips_are_rows_with_their_reasons(page):
    text = html.unescape(page.read_text())
    assert "<strong>failed</strong>: check: exited with status 1" in text
    assert "<strong>skipped</strong>: this CPU has no </code><script>alert(1)</script><img" in text
    assert "1 failed, 1 skipped" in text


def test_the_page_s_figures_are_those_of_results_csv(page):
    frame = pd.read_csv(page.parent / "results.csv").set_index("kernel")
    text = page.read_text()
    found = frame.loc["toy/naive"]
    line = re.search(r'<th scope="row"><a href="#toy/naive">.*?</tr>', text, re.S)[0]
    for expected in (
        duration(found.median_s),
        significant(found.gflops),
        f"{found.samples}",
        size(found.peak_rss_bytes),
    ):
        assert f">{expected}" in line
    assert f"{duration(found.low_s)} – {duration(found.high_s)}" in line


def test_the_page_repeats_the_paper_s_table(page):
    text = page.read_text()
    for figure in ("25,552.48", "2,372.68", "542.67", "69.80", "3.80", "1.10", "0.41", "62,806"):
        assert figure in text
