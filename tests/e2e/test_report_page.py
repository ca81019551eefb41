"""Test the report of a run whose kernel is hostile wherever it can be: nothing from outside becomes markup."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from harness.util.format import duration, significant, spread
from tests.command import harness
from tests.toy import SOURCE, make_project

HOSTILE = "</code><script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{7*7}}"


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    """Return the report of a run with a hostile kernel, one that fails and one that is skipped."""
    project = make_project(tmp_path_factory.mktemp("page"))
    toy = project / "kernels" / "toy"
    (toy / "naive.py").write_text(SOURCE + f"# {HOSTILE}\n")
    (toy / "interchange.py").write_text(f"import sys; sys.exit({HOSTILE!r})\n")
    text = (toy / "kernel.yaml").read_text().replace("name: Toy", f"name: {HOSTILE!r}".replace("\\'", "''"))
    text += '  interchange: {source: interchange.py, class: "<b>loops</b>"}\n'
    text += f"  engine: {{source: naive.py, requires: [{HOSTILE.split()[0]!r}], products: 15}}\n"
    (toy / "kernel.yaml").write_text(text)
    done = harness("run-all", "--config", str(project / "config.yaml"))
    assert done.returncode == 1, done.stderr
    return project / "reports" / "latest" / "report.html"


def test_nothing_from_outside_becomes_markup(page):
    text = page.read_text()

    assert text.count("<script") == 1, "the page's own"
    assert "<img" not in text and "<b>loops" not in text
    assert html.escape("<script>alert(1)</script>") in text
    assert "{{7*7}}" in html.unescape(text) and "49" not in re.findall(r"&#39;&amp;(\d+)", text)


def test_page_loads_nothing(page):
    text = page.read_text()

    assert "default-src 'none'" in html.unescape(text)
    outside = re.findall(r"""(?:src|href|action|data)=["']([^"'#]+)""", text) + re.findall(r"url\(([^)]*)\)", text)
    assert [address for address in outside if not address.startswith("data:")] == []


def test_only_the_page_s_own_script_and_style_may_run(page):
    text = page.read_text()
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1])
    for tag, rule in (("script", "script-src"), ("style", "style-src")):
        content = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.S)[1]
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}'" in policy
    assert "unsafe" not in policy.replace("'wasm-unsafe-eval'", "")
    assert re.findall(r'\s(style|on\w+)="', text) == []  # the policy would refuse them


def test_files_of_the_run_are_in_the_page(page):
    text = html.unescape(page.read_text())
    found = dict(re.findall(r'href="data:[^;]*;base64,([^"]*)" download="[^"]*?-([a-z.]*)"', text))
    files = {name: base64.b64decode(data) for data, name in found.items()}

    assert files["results.csv"] == (page.parent / "results.csv").read_bytes()
    assert gzip.decompress(files["samples.jsonl.gz"]) == (page.parent / "samples.jsonl").read_bytes()
    assert json.loads(gzip.decompress(files["run.json.gz"]))["id"] == page.parent.resolve().name


def test_failures_and_skips_have_rows_with_reasons(page):
    text = html.unescape(page.read_text())

    assert "<strong>failed</strong>: check: exited with status 1" in text
    assert "<strong>skipped</strong>: this CPU has no </code><script>alert(1)</script><img" in text
    assert "1 failed, 1 skipped" in text


def test_figures_are_those_of_results_csv(page):
    frame = pd.read_csv(page.parent / "results.csv").set_index("kernel")
    text = page.read_text()
    naive = frame.loc["toy/naive"]

    line = re.search(r'<th scope="row" data-v="toy/naive">.*?</tr>', text, re.S)[0]
    for expected in (
        duration(naive.time_s),
        significant(naive.gflops),
        significant(naive.peak_rss_bytes / 2**20),
        f"{naive.lines}",
        spread(naive.time_s, naive.low_s, naive.high_s).replace("%", ""),
    ):
        assert f">{expected}<" in line
    assert f"{naive.samples} samples; verified" in line


def test_table_of_the_paper_is_repeated(page):
    text = page.read_text()

    for figure in ("25,552.48", "2,372.68", "542.67", "69.80", "3.80", "1.10", "0.41", "62,806"):
        assert figure in text
