"""Test the report of a large run."""

from __future__ import annotations

import time

import pytest

from harness.report.render import render
from tests import factories

RUNGS = ("naive", "interchange", "parallel", "vector", "packed")


@pytest.mark.alone
def test_large_report_shows_all_kernels_and_samples(tmp_path):
    """A page of 500 kernels and 100,000 samples takes seconds to render, and not minutes."""
    times_s = {f"l{i // len(RUNGS)}/{RUNGS[i % len(RUNGS)]}": 10.0 / (1 + i) for i in range(500)}
    results = factories.measured_results(tmp_path, times_s, launches=40, calls=5)

    start = time.monotonic()
    text = render(results)
    took_s = time.monotonic() - start

    assert text.count('<svg class="strip"') == 500 and text.count("h0") >= 100_000
    assert took_s < 60, f"{took_s:.0f} s"
