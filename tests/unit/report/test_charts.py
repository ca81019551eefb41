"""Test the values that charts show."""

from __future__ import annotations

import pytest

from harness.model.result import BuildInfo, Rate
from harness.report.charts.lines import frontier
from harness.report.charts.roofline import intensity
from harness.report.charts.sizes import outgrown
from tests.factories import timed_row


def test_frontier_names_only_what_nothing_shorter_beats():
    rows = [
        timed_row("c/naive", 4, build=BuildInfo(lines=10), rate=Rate(1.0)),
        timed_row("c/vector", 2, build=BuildInfo(lines=40), rate=Rate(8.0)),
        timed_row("go/vector", 3, build=BuildInfo(lines=50), rate=Rate(6.0)),
        timed_row("c/packed", 1, build=BuildInfo(lines=90), rate=Rate(50.0)),
    ]

    assert [row.kernel for row in frontier(rows)] == ["c/naive", "c/vector", "c/packed"]


@pytest.mark.parametrize(("name", "flop_per_byte"), [("c/naive", 2 / 72), ("c/packed", 4096 / 12)])
def test_intensity_is_the_one_that_the_caption_states(name, flop_per_byte):
    assert intensity(timed_row(name, 1)) == pytest.approx(flop_per_byte)


def test_caches_are_outgrown_at_the_n_that_the_caption_states():
    """Caches of instructions are left out."""
    caches = ["L1d 32K", "L1i 32K", "L2 1024K", "L3 32M"]

    assert outgrown(caches) == [("L1d", 36), ("L2", 209), ("L3", 1182)]
