"""Test the page that is rendered from results."""

from __future__ import annotations

import re
from dataclasses import replace

from harness.model.inner_loop import RunLoops
from harness.model.result import Rate
from harness.report.render import render
from tests import factories
from tests.inner_loops import inner_loop


def test_matrix_engine_is_shown_beside_its_own_peak(tmp_path):
    """A kernel that multiplies bytes has its share of the matrix engine."""
    results = factories.measured_results(tmp_path, {"c/naive": 10.0, "c/engine": 5.0})
    engine = factories.measured_row("c/engine", 5.0, int8_products=15, threads=2, rate=Rate(450.0, 0.68, 3.8))
    peak = factories.peak({2: 118.0}, memory_gbs={2: 30.0}, engine_gops={2: 10_000.0})
    record = replace(results.record, peak=peak)

    text = render(replace(results, record=record, rows=[results.rows[0], engine]))

    assert "68.0 <small>of the matrix engine; 3.80 × the FMA peak</small>" in text
    assert "The matrix engine did 10,000 GOPS on bytes with 2 threads" in text


def test_paper_s_table_is_beside_the_paper_s_own_programs(tmp_path):
    """The climb has the baseline, the table of the paper its own Python."""
    times_s = {"python/naive": 8_000.0, "python/naive-paper": 20_000.0, "c/naive-paper": 500.0, "c/packed": 2.0}

    results = factories.measured_results(tmp_path, times_s)
    text = render(replace(results, answer=factories.answer(fastest=results.rows[-1])))
    climb, paper = (re.search(rf'<h2 id="{name}">.*?</section>', text, re.S)[0] for name in ("climb", "paper"))

    assert kernels_of(climb) == ["python/naive", "c/packed"]
    assert kernels_of(paper) == ["python/naive-paper", "c/naive-paper"]
    assert 'java/naive-paper</td><td colspan="3">not measured in this run' in paper
    assert "C (packed, 1 thread) is 10,000 times as fast as this Python." in paper


def test_yardstick_of_the_table_is_the_fastest_library_of_the_run(tmp_path):
    times_s = {"c/library-mkl": 8.0, "c/library-blis": 2.0, "c/packed": 4.0}

    text = render(factories.measured_results(tmp_path, times_s))
    table = re.search(r'<h2 id="table">.*?</section>', text, re.S)[0]

    assert "speed, c/library-blis = 1</th>" in table
    assert re.findall(r'<td class="n" data-v="(?:1.0|0.5|0.25)">([\d.]+)</td>', table) == ["1.00", "0.500", "0.250"]


def test_one_kernel_is_no_climb(tmp_path):
    text = render(factories.measured_results(tmp_path, {"c/naive": 10.0}))

    assert "Fewer than two kernels were measured." in text


def test_page_says_which_kinds_of_cores_were_used(tmp_path):
    results = factories.measured_results(tmp_path, {"c/naive": 10.0})
    host = replace(results.record.host, processors=20, efficiency_processors=4)
    pages = [
        render(replace(results, record=replace(results.record, host=host, cpus=tuple(range(count)))))
        for count in (16, 20)
    ]

    assert all("20 processors, 4 of them efficiency cores" in page for page in pages)
    assert ["the efficiency cores were left idle" in page for page in pages] == [True, False]


def test_toolchains_of_a_language_have_series_of_their_own(tmp_path):
    """Each kernel has its dot and its row, and its language and toolchain a name in the filters and panels."""
    times_s = {"python/naive": 8_000.0, "c/naive": 10.0, "c/naive@clang": 5.0, "c/packed": 2.0, "c/packed@clang": 1.0}
    results = factories.measured_results(tmp_path, times_s)

    text = render(replace(results, answer=factories.answer(fastest=results.rows[3])))
    climb, table = (re.search(rf'<h2 id="{name}">.*?</section>', text, re.S)[0] for name in ("climb", "table"))

    assert kernels_of(climb) == ["python/naive", "c/naive", "c/packed"]
    assert len(re.findall(r'<tr class="ok" data-kernel="c/packed@clang"', table)) == 1
    assert '<option value="C clang">' in text or "<option>C clang</option>" in text
    assert text.count('aria-label="c/packed@clang"') == text.count('aria-label="c/packed"') - 1  # the climb's
    assert "run-all --only c/packed --toolchain c=clang --n 4096" in text


def kernels_of(section):
    """Return the kernels of a section's table, in its order."""
    return re.findall(r'<td><a href="#[^"]+">([^<]+)</a></td>', section)


def test_hottest_loop_is_beside_the_source(tmp_path):
    results = factories.measured_results(tmp_path, {"c/naive": 10.0, "c/packed": 1.0})

    text = render(replace(results, loops=RunLoops((inner_loop("c/packed"),))))

    assert text.count("<p>Hottest loop: 1 FMA of 8 doubles for 1 load; no spill;") == 1
    assert "480 of 500 samples of the running program are in this loop, c/packed\n" in text
    assert "vfmadd231pd (%rax),%zmm0,%zmm1  (packed.c:9)" in text
