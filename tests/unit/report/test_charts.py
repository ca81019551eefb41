"""Test the values that charts show."""

from __future__ import annotations

import re

from harness.model.result import BuildInfo, Rate
from harness.report.charts.lines import frontier
from harness.report.charts.ratios import ratios_chart
from harness.report.charts.sizes import outgrown
from harness.report.charts.style import COLOURS, Frame
from harness.report.render import TEMPLATES
from tests.factories import timed_row


def test_frontier_names_only_what_nothing_shorter_beats():
    rows = [
        timed_row("c/naive", 4, build=BuildInfo(lines=10), rate=Rate(1.0)),
        timed_row("c/vector", 2, build=BuildInfo(lines=40), rate=Rate(8.0)),
        timed_row("go/vector", 3, build=BuildInfo(lines=50), rate=Rate(6.0)),
        timed_row("c/packed", 1, build=BuildInfo(lines=90), rate=Rate(50.0)),
    ]

    assert [row.kernel for row in frontier(rows)] == ["c/naive", "c/vector", "c/packed"]


def test_caches_are_outgrown_at_the_n_that_the_caption_states():
    """Caches of instructions are left out."""
    caches = ["L1d 32K", "L1i 32K", "L2 1024K", "L3 32M"]

    assert outgrown(caches) == [("L1d", 36), ("L2", 209), ("L3", 1182)]


def test_an_interval_far_beyond_all_values_is_cut_and_marked():
    frame = Frame.of([10.0, 100.0], [9.0, 110.0, 1e-5, 1e9])

    assert (frame.first, frame.last) == (1.0, 1000.0)
    assert frame.cut(9.0, 11.0) == {"low": 9.0, "high": 11.0}
    assert frame.cut(1e-5, 1e9) == {"low": 1.0, "high": 1000.0, "cut_low": 1.0, "cut_high": 1000.0}


def test_ratios_with_an_extreme_interval_are_drawn_with_arrows():
    plain = ratios_chart([("c/naive", 1.0, 0.9, 1.1), ("c/packed", 1.1, 1.0, 1.2)])
    extreme = ratios_chart([("c/naive", 1.0, 1e-5, 1e5), ("c/packed", 1.1, 1.0, 1.2)])

    assert extreme.count("<path") == plain.count("<path") + 2


def test_dots_name_their_kernels():
    svg = ratios_chart([("c/naive", 1.0, 0.9, 1.1), ("c/packed", 1.1, 1.0, 1.2)])

    assert all(svg.count(f'aria-label="{name}"') == 1 for name in ("c/naive", "c/packed"))


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour such as #0072B2 (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_every_colour_of_charts_stands_out_from_the_page_light_and_dark():
    css = (TEMPLATES / "report.css").read_text()
    pages = set(re.findall(r"--page: (#\w+)", css)) - {"#fff"} | {"#ffffff"}
    steps = re.findall(r"fill: (#\w{6});", css)

    assert len(pages) == 2 and len(steps) == 8
    weak = [(colour, page) for colour in (*COLOURS, *steps) for page in pages if contrast(colour, page) < 3]
    assert weak == []
