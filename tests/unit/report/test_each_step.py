"""Test the section of the page that says why each rung is faster, and the roofline."""

from __future__ import annotations

import re
from dataclasses import replace

from harness.analysis.reasons import compared, evidence_of
from harness.model.counts import Counts, RunCounts
from harness.model.inner_loop import RunLoops
from harness.model.result import Rate
from harness.report.charts.roofline import intensity
from harness.report.render import render
from harness.report.two_rungs import Line, cache_words, lines, shown, way
from tests import factories

COUNTS = RunCounts(
    (
        factories.counts("python/naive", 300.0, 2.0, 0.5, rows=1),
        factories.counts("c/naive", 4.0, 1.0, 0.5, rows=8),
        factories.counts("c/parallel", 4.0, 0.125, 0.125, rows=8, build="x86-64-v3"),
    )
)


def counted(results):
    peak = factories.peak({1: 59.0, 2: 118.0}, memory_gbs={1: 20.0, 2: 30.0})
    return replace(results, counts=COUNTS, record=replace(results.record, peak=peak))


def section_of(page: str) -> str:
    return re.search(r'<h2 id="each-step">.*?</section>', page, re.S)[0]


def test_section_has_figures_sentences_and_how_they_were_counted(results):
    section = section_of(render(counted(results)))

    assert "valgrind-3.19.0" in section and "L1 32.0 KiB with 8 ways, last level 32.0 MiB with 16 ways" in section
    assert "parallel: the same 4.00 instructions a multiply-add, 1/8 of the L1 misses" in section
    assert "counted at n = 4096, in 8 rows, in a build for x86-64-v3, which is not the timed one" in section
    assert "Roofline chart" in section and "simulated" in section


def test_device_has_roofs_of_its_own(results):
    of_cpu = counted(results)
    devices = {"cuda": factories.device_peak({"FMA": 30_000.0, "mma": 60_000.0})}
    with_device = replace(of_cpu, record=replace(of_cpu.record, peak=replace(of_cpu.peak, devices=devices)))

    section = section_of(render(with_device))

    assert "Tensor Unit 9: 60,000 GFLOPS, 900 GB/s" in section and "those of the device" in section
    assert "those of the device" not in section_of(render(of_cpu))


def test_run_without_counts_says_how_to_get_them(results):
    section = section_of(render(results))

    assert "Not yet counted, which" in section and "<table" not in section


def test_reason_for_no_counts_is_told(results):
    section = section_of(render(replace(results, counts=RunCounts(reason="valgrind is not installed"))))

    assert "were not counted: valgrind is not installed." in section


def test_kernels_that_are_left_are_named(results):
    """Their language has no table if none of its kernels was counted, and no sentence follows from one of two."""
    counts = replace(COUNTS, kernels=COUNTS.kernels[1:2], left=("c/parallel", "python/naive"))

    section = section_of(render(replace(results, counts=counts)))

    assert re.search(r"Not yet counted, which .* count does: python/naive, c/parallel\.", section)
    assert "<h3>C</h3>" in section and "<h3>Python</h3>" not in section
    assert "<li>" not in section


def test_story_tells_what_was_counted(results):
    page = render(counted(results))

    assert "Counted: c/naive: 4.00 instructions a multiply-add instead of 300" in page


def test_traffic_is_that_of_the_simulated_misses():
    """Half a line of 64 bytes for each multiply-add, which is two operations."""
    row = factories.timed_row("c/naive", 1.0, rate=Rate(1.0))

    assert intensity(row, COUNTS) == 2 / 32


def test_kernel_whose_matrices_fit_has_no_place_on_the_roofline():
    row = factories.timed_row("c/packed", 1.0, rate=Rate(1.0))
    fitting = factories.counts("c/packed", n=512, rows=512)

    assert intensity(row, RunCounts((fitting,))) is None
    assert intensity(row, RunCounts()) is None


def test_two_kernels_stand_side_by_side(results):
    rows = {row.kernel: row for row in results.rows}
    step = compared(*(evidence_of(rows[name], COUNTS, RunLoops()) for name in ("c/naive", "c/parallel")))

    text = lines(step)

    assert text[0].split() == ["a", "multiply-add", "c/naive", "c/parallel", "ratio"]
    assert next(line.split() for line in text if line.startswith("L1")) == ["L1", "misses", "1.00", "0.125", "0.125"]
    assert text[-1].startswith("parallel: ")


def test_very_small_figure_is_not_called_zero():
    """Packed showed 0 mispredicted branches, at a ratio of 0.196."""
    assert [shown(value) for value in (0.00005, 0.0, -0.00005, 0.0005)] == ["<0.0001", "0", "0", "0.000500"]
    assert Line("mispredicted", 0.00005, 0.0001).ratio is None


def test_kernel_without_counts_has_its_reason():
    assert way(Counts("java/naive", "d", reason="it stops")) == "not counted: it stops"
    assert way(None) == "not counted"


def test_rounded_caches_are_named():
    words = cache_words(replace(factories.caches(), rounded=("L3",)))

    assert words.endswith("(the size of L3 is rounded to a power of two of sets)")
