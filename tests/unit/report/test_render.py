"""The report: numbers as people read them, nothing from outside becomes markup, and every figure is the table's."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
import time
from dataclasses import replace

import pandas as pd
import pytest

from harness.analysis.lines_of_code import lines_of_code
from harness.config.load import load_config
from harness.model.machine import Peak
from harness.model.result import Results, Row
from harness.model.sample import Sample
from harness.report.charts.lines import frontier
from harness.report.charts.roofline import intensity
from harness.report.charts.sizes import outgrown
from harness.report.climb import climb
from harness.report.headline import headline
from harness.report.render import render
from harness.report.sources import difference, highlighted
from harness.util.format import duration, percent, significant, size, spread
from tests.command import harness
from tests.toy import SOURCE

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


@pytest.mark.parametrize(
    ("filename", "source", "lines"),
    [
        ("a.c", "// x\n#include <x>\n\n/* y\n * z */\nint a;\n", 2),
        ("a.py", "# x\nimport y\n", 1),
        ("a.lua", "-- x\nlocal y = 1 -- z\n", 1),
        ("a.f90", "! x\n!$omp parallel do\nend\n", 2),
        ("a.lisp", ";;; x\n(x)\n", 1),
        ("a.go", "//go:noescape\nfunc x()\n", 1),
    ],
)
def test_lines_of_code_are_neither_blank_nor_comment(filename, source, lines):
    assert lines_of_code(source, filename) == lines


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


def test_a_kernel_of_the_matrix_engine_never_passes_for_one_of_doubles(tmp_path):
    engine = row(
        "c/engine",
        0.3,
        variant="engine",
        threads=2,
        int8_products=15,
        gflops=450.0,
        peak_share=0.68,
        fma_peak_multiple=3.8,
        rank="1",
    )
    rows = [row("python/naive", 25_000), replace(engine, peak_rss_bytes=1, artefact_bytes=1, lines=100)]
    said = headline(rows, "python/naive")
    assert "and C on the matrix engine (15 products of bytes, 2 threads) 300 ms" in said
    results = large(tmp_path, kernels=2, launches=2, calls=2)
    of_bytes = replace(results.rows[1], int8_products=15, threads=2, peak_share=0.68, fma_peak_multiple=3.8)
    peak = Peak("AVX-512", {2: 118.0}, {2: 30.0}, {2: 10_000.0})
    facts = results.facts | {"peak": {"isa": "AVX-512", "gflops": {"2": 118.0}}}
    text = render(replace(results, facts=facts, rows=[results.rows[0], of_bytes], peak=peak))
    assert "68.0 <small>of the matrix engine; 3.80 × the FMA peak</small>" in text
    assert "The matrix engine did 10,000 GOPS on bytes with 2 threads" in text
    assert "matrix engine, 2 threads: 10,000 GOPS on bytes / 15" in text  # its roof


@pytest.fixture
def page(project):
    """The report of a run with a kernel that is hostile wherever it can be, one that fails and one that is skipped."""
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
    assert text.count("<script") == 1  # the page's own
    assert "<img" not in text and "<b>loops" not in text
    assert html.escape("<script>alert(1)</script>") in text
    assert "{{7*7}}" in html.unescape(text) and "49" not in re.findall(r"&#39;&amp;(\d+)", text)


def test_the_page_asks_for_nothing(page):
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
    assert "unsafe" not in policy
    assert re.findall(r'\s(style|on\w+)="', text) == []  # the policy would refuse them


def test_the_run_s_files_are_in_the_page(page):
    text = html.unescape(page.read_text())
    found = dict(re.findall(r'href="data:[^;]*;base64,([^"]*)" download="[^"]*?-([a-z.]*)"', text))
    files = {name: base64.b64decode(data) for data, name in found.items()}
    assert files["results.csv"] == (page.parent / "results.csv").read_bytes()
    assert gzip.decompress(files["samples.jsonl.gz"]) == (page.parent / "samples.jsonl").read_bytes()
    assert json.loads(gzip.decompress(files["run.json.gz"]))["id"] == page.parent.resolve().name


def test_failures_and_skips_are_rows_with_their_reasons(page):
    text = html.unescape(page.read_text())
    assert "<strong>failed</strong>: check: exited with status 1" in text
    assert "<strong>skipped</strong>: this CPU has no </code><script>alert(1)</script><img" in text
    assert "1 failed, 1 skipped" in text


def test_the_page_s_figures_are_those_of_results_csv(page):
    frame = pd.read_csv(page.parent / "results.csv").set_index("kernel")
    text = page.read_text()
    found = frame.loc["toy/naive"]
    line = re.search(r'<th scope="row" data-v="toy/naive">.*?</tr>', text, re.S)[0]
    for expected in (
        duration(found.median_s),
        significant(found.gflops),
        significant(found.peak_rss_bytes / 2**20),
        f"{found.lines}",
        spread(found.median_s, found.low_s, found.high_s).replace("%", ""),
    ):
        assert f">{expected}<" in line
    assert f"{found.samples} samples; verified" in line


def test_the_page_repeats_the_paper_s_table(page):
    text = page.read_text()
    for figure in ("25,552.48", "2,372.68", "542.67", "69.80", "3.80", "1.10", "0.41", "62,806"):
        assert figure in text


def test_the_climb_goes_the_paper_s_way_and_then_up_c_s_ladder():
    rows = [
        row("c/packed", 1.0),
        row("c/naive", 100.0),
        row("c/naive-O0", 400.0),
        row("c/parallel", 20.0),
        row("java/naive", 200.0),
        row("java/packed", 2.0),
        row("python/naive", 9_000.0),
        row("python/naive-numba", 90.0),
        row("rust/packed", 0.9),
        row("c/library-mkl", 0.5),
        row("c/strassen", None, status="failed"),
    ]
    steps = climb(rows, "python/naive")
    names = "python/naive java/naive c/naive-O0 c/naive c/parallel c/packed rust/packed"
    assert [step.row.kernel for step in steps] == names.split()
    assert [step.factor for step in steps][:3] == [None, 45.0, 0.5]
    assert steps[-1].times == pytest.approx(10_000)
    assert steps[2].paper.version == "C" and steps[2].paper_factor == pytest.approx(2_372.68 / 542.67)
    assert steps[4].paper_factor == pytest.approx(542.67 / 69.80)  # from the paper's last row, not from a step it lacks


def test_a_climb_of_one_kernel_is_none():
    assert climb([row("c/naive", 1.0)], "python/naive") == []
    assert climb([row("c/naive", None)], "python/naive") == []


def test_what_each_factor_costs_names_only_what_nothing_shorter_beats():
    rows = [
        row("c/naive", 4, lines=10, gflops=1.0),
        row("c/vector", 2, lines=40, gflops=8.0),
        row("go/vector", 3, lines=50, gflops=6.0),
        row("c/packed", 1, lines=90, gflops=50.0),
    ]
    assert [one.kernel for one in frontier(rows)] == ["c/naive", "c/vector", "c/packed"]


def test_intensities_and_cache_edges_are_the_ones_that_the_caption_tells():
    assert intensity(row("c/naive", 1)) == pytest.approx(2 / 72)
    assert intensity(row("c/packed", 1)) == pytest.approx(4096 / 12)
    assert outgrown(["L1d 32K", "L1i 32K", "L2 1024K", "L3 32M"]) == [("L1d", 36), ("L2", 209), ("L3", 1182)]


def test_sources_are_highlighted_and_stay_data():
    text = highlighted("int main(void) { return 1; } // </code><script>\n", "a.c")
    assert '<i class="t">int</i>' in text and '<i class="c">// &lt;/code&gt;&lt;script&gt;\n</i>' in text
    assert highlighted("<b>", "a.unheard-of") == "&lt;b&gt;"


def test_a_difference_marks_lines_by_sign_and_element_and_tells_when_nothing_is_shared():
    before = "one line\nanother line\na third <b>\n"
    assert difference(before, before.replace("another", "no other")).splitlines()[1:] == [
        " one line",
        "<del>-another line</del>",
        "<ins>+no other line</ins>",
        " a third &lt;b&gt;",
    ]
    assert difference(before, "nothing of it\nis here\n") is None


def large(tmp_path, kernels: int, launches: int, calls: int) -> Results:
    """Results of many kernels with many samples, as a run would store them."""
    rows, samples, items, built = [], {}, [], {}
    rungs = ("naive", "interchange", "parallel", "vector", "packed")
    source = "".join(f"int f{i}(int a) {{ return a + {i}; }} // line {i}\n" for i in range(60))
    for i in range(kernels):
        language, rung = f"l{i // len(rungs)}", rungs[i % len(rungs)]
        name = f"{language}/{rung}"
        seconds = 10.0 / (1 + i)
        rows.append(
            row(
                name,
                seconds,
                gflops=137 / seconds,
                lines=60,
                cpu_s=seconds,
                peak_rss_bytes=2**28,
                artefact_bytes=2**14,
                rank="1",
            )
        )
        samples[name] = [
            Sample(
                kernel=name,
                launch=i * launches + launch,
                rep=rep,
                reps=calls,
                purpose="measure",
                n=4096,
                rows=4096,
                row0=0,
                threads=1,
                ns=int(seconds * 1e9) + rep,
                sha256="",
                started_at="",
                launch_wall_ns=1,
                launch_cpu_ns=1,
                peak_rss_bytes=1,
                minor_faults=0,
                major_faults=0,
                involuntary_switches=0,
                round=launch,
            )
            for launch in range(launches)
            for rep in range(calls)
        ]
        items.append(
            {
                "id": name,
                "language": language,
                "variant": rung,
                "folder": language,
                "source": f"{rung}.c",
                "run": "{out}",
                "source_text": source.replace("+", f"+ {i} +"),
            }
        )
        built[name] = {"commands": ["cc"], "digest": "0" * 64, "artefact_bytes": 2**14, "seconds": 1.0}
    facts = {
        "id": "large",
        "started_at": "2026-01-01",
        "finished_at": "2026-01-01",
        "harness_version": "0",
        "command": ["python"],
        "host": {
            "cpu": "a CPU",
            "architecture": "x86_64",
            "processors": 2,
            "os": "an OS",
            "kernel": "6",
            "caches": ["L1d 32K"],
            "hypervisor": False,
            "memory_bytes": 2**33,
            "transparent_huge_pages": "always",
        },
        "backend": {"name": "native", "why": "asked for"},
        "kernels": items,
        "toolchains": {},
        "built": built,
        "peak": None,
    }
    (tmp_path / "samples.jsonl").write_text("{}\n" * sum(map(len, samples.values())))
    return Results(facts, load_config(), rows, (), tmp_path, samples, None)


def test_five_hundred_kernels_and_a_hundred_thousand_samples_are_all_on_the_page(tmp_path):
    results = large(tmp_path, kernels=500, launches=40, calls=5)
    start = time.monotonic()
    text = render(results)
    took = time.monotonic() - start
    assert text.count('<svg class="strip"') == 500 and text.count("h0") >= 100_000
    assert took < 60, f"{took:.0f} s"  # the figure is a benchmark's; this only tells minutes from seconds
