"""Draw the roofline: the rate of each kernel below the measured limits of memory and of the vector units.

Williams, Waterman and Patterson 2009, Roofline: An Insightful Visual Performance Model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from harness.model.machine import Peak
from harness.model.result import Row
from harness.report.charts.style import by_language, log_axis, span, svg
from harness.util.format import significant

INTENSITIES = {"naive": 2 / (64 + 8), "interchange": 2 / 8, "parallel": 2 / 8}
"""Arithmetic intensity of the loop orders, in operations per byte from memory, if B fits in no cache.

naive loads a cache line of B (64 bytes) and an element of A (8 bytes) for each multiply-add; interchange loads an
element of B. Every other rung works in blocks, and at best moves each matrix once.
"""


def intensity(row: Row) -> float:
    """Return the arithmetic intensity of a kernel's loops, in operations per byte; it is computed, not measured."""
    return INTENSITIES.get(row.rung, row.n / 12)


class _RoofPoint(NamedTuple):
    """A corner or an end of a roof; `rate` is in GFLOPS."""

    intensity: float
    rate: float
    threads: str


def roofline_chart(rows: Sequence[Row], peak: Peak | None) -> str:
    """Draw the rate of each kernel, and the rates that memory and the vector units allow at each intensity."""
    import altair as alt

    shown = [(row, row.rate.gflops) for row in rows if row.rate]
    if not shown or peak is None or not peak.memory_gbs:
        return ""
    languages = sorted({row.language_name for row, _ in shown})
    values = [
        {"intensity": intensity(row), "rate": rate, "language": row.language_name, "label": ""} for row, rate in shown
    ]
    intensities = [intensity(row) for row, _ in shown]
    left, right = min(intensities) / 2, max(intensities) * 3
    roofs: list[_RoofPoint] = []
    names = []
    for threads, gflops in sorted(peak.gflops.items()):
        memory = peak.memory_gbs.get(threads)
        if memory is None:
            continue
        name = f"{threads} thread{'s' if threads > 1 else ''}"
        corner = gflops / memory
        for at in (left, corner, right):
            roofs.append(_RoofPoint(at, min(gflops, at * memory), name))
        label = f"{name}: {significant(gflops)} GFLOPS, {significant(memory)} GB/s"
        names.append({"intensity": corner, "rate": gflops, "label": label})
    # the roof of kernels on the matrix engine: its rate on bytes, divided by the byte products per product of doubles
    products = max((row.int8_products for row, _ in shown), default=0)
    for threads, gops in sorted(peak.engine_gops.items() if products else ()):
        name, rate = f"matrix engine, {threads} thread{'s' if threads > 1 else ''}", gops / products
        roofs += [_RoofPoint(at, rate, name) for at in (left, right)]
        label = f"{name}: {significant(gops)} GOPS on bytes / {products}"
        names.append({"intensity": left, "rate": rate, "label": label})
    rates = [*(rate for _, rate in shown), *(point.rate for point in roofs)]
    title = "floating-point operations for a byte from memory"
    x = log_axis(title, left, right, room=1, whole=False).of(alt.X, "intensity")
    y = log_axis("GFLOPS", *span(rates), room=1.5).of(alt.Y, "rate")
    colour, shape = by_language(alt, languages)
    chart = alt.layer(
        alt.Chart(alt.Data(values=[point._asdict() for point in roofs]))
        .mark_line(color="currentColor", strokeWidth=1.5)
        .encode(x=x, y=y, detail="threads:N", strokeDash=alt.StrokeDash("threads:N", legend=None)),
        alt.Chart(alt.Data(values=names))
        .mark_text(align="left", dx=8, dy=-7, fontSize=11, color="currentColor")
        .encode(x=x, y=y, text="label:N"),
        alt.Chart(alt.Data(values=values))
        .mark_point(filled=True, size=60, opacity=0.85)
        .encode(x=x, y=y, color=colour, shape=shape),
    ).properties(width=620, height=330)
    return svg(chart)
