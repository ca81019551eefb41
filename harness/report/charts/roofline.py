"""Draw the rate of each kernel under the measured roofs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from harness.model.machine import Peak
from harness.model.result import Row
from harness.util.format import significant

if TYPE_CHECKING:
    pass
from harness.report.charts.style import by_language, log_axis, span, svg

INTENSITIES = {"naive": 2 / (64 + 8), "interchange": 2 / 8, "parallel": 2 / 8}
"""Operations for a byte from memory, by loop order where no cache keeps B: a cache line of B for each element of its
column, or a row of B for each element of A. Every other rung keeps blocks, and at best moves each matrix once."""


def intensity(row: Row) -> float:
    """Operations a byte that a kernel's loops ask of memory; computed, not measured."""
    return INTENSITIES.get(row.rung, row.n / 12)


class _RoofPoint(NamedTuple):
    intensity: float
    rate: float
    threads: str


def roofline_chart(rows: Sequence[Row], peak: Peak | None) -> str:
    """The rate of each kernel under the measured roofs: what memory gives at its intensity, and the vector units."""
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
    # the byte products of the matrix engine, in products of doubles: what its kernels come under
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
