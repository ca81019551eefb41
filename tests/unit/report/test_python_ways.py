"""Test the section of all ways to run or compile Python."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from harness.model.result import Status
from harness.report.python_ways import python_ways
from harness.report.render import render
from tests import factories

PYTHON = Path("python")


def test_ways_are_python_and_what_uses_its_files_fastest_first():
    kernels = [factories.kernel_record(name) for name in ("c/naive", "python/naive")]
    kernels += [factories.kernel_record(name, uses=PYTHON) for name in ("graalpy/naive", "pypy/naive")]
    rows = [
        factories.measured_row(name, time) for name, time in (("c/naive", 1), ("python/naive", 60), ("pypy/naive", 4))
    ]
    rows.append(factories.row("graalpy/naive", status=Status.SKIPPED, reason="graalpy is not installed"))

    ways = python_ways(kernels, rows, "python/naive")

    assert [(way.row.kernel, way.times) for way in ways] == [
        ("pypy/naive", 15),
        ("python/naive", 1),
        ("graalpy/naive", None),
    ]


def test_a_run_of_cpython_alone_has_no_such_section():
    kernels = [factories.kernel_record(name) for name in ("python/naive", "python/library-numpy")]
    rows = [factories.measured_row(kernel.id, 1.0) for kernel in kernels]

    assert python_ways(kernels, rows, "python/naive") == []


def test_other_toolchains_of_python_are_ways_too():
    kernels = [factories.kernel_record(name) for name in ("python/naive", "python/naive@pypy")]
    rows = [factories.measured_row(kernel.id, time) for kernel, time in zip(kernels, (60, 4), strict=True)]

    ways = python_ways(kernels, rows, "python/naive")

    assert [(way.row.kernel, way.row.language_name) for way in ways] == [
        ("python/naive@pypy", "Python pypy"),
        ("python/naive", "Python"),
    ]


def test_page_shows_the_ways_and_why_one_was_skipped(tmp_path):
    results = factories.measured_results(tmp_path, {"python/naive": 60.0, "pypy/naive": 4.0})
    skipped = factories.row("graalpy/naive", status=Status.SKIPPED, reason="graalpy is not installed: fetch it")
    kernels = (*results.record.kernels, factories.kernel_record("graalpy/naive"))
    shared = tuple(replace(kernel, uses=PYTHON) if kernel.language != "python" else kernel for kernel in kernels)
    record = replace(results.record, kernels=shared)

    text = render(
        replace(results, record=record, rows=[*results.rows, skipped], samples={**results.samples, "graalpy/naive": []})
    )
    section = re.search(r'<h2 id="python-ways">.*?</section>', text, re.S)[0]

    assert re.findall(r'<a href="#([^"]+)">', section) == ["pypy/naive", "python/naive", "graalpy/naive"]
    assert "skipped: graalpy is not installed: fetch it" in section
