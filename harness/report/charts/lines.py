"""Draw rate against lines of code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.model.result import Row
from harness.report.charts.style import Axis, by_language, log_axis, span, svg
from harness.report.climb import is_library


def lines_chart(rows: Sequence[Row]) -> str:
    """Draw the rate of each kernel against its lines of code; label the kernels of the frontier."""
    import altair as alt

    shown = [row for row in rows if row.gflops and row.lines]
    if len(shown) < 2:
        return ""
    named = {row.kernel for row in frontier(row for row in shown if not is_library(row))}
    languages = sorted({row.language_name for row in shown})
    values = [
        {
            "lines": row.lines,
            "rate": row.gflops,
            "language": row.language_name,
            "label": row.kernel if row.kernel in named else "",
        }
        for row in shown
    ]
    rates = [row.gflops or 0 for row in shown]
    counts = [row.lines or 1 for row in shown]
    scale = alt.Scale(type="log", domain=[min(counts) * 0.8, max(counts) * 2], nice=False)
    ticks = [digit * 10**power for power in range(4) for digit in (1, 2, 5)]
    x = Axis("lines of code", scale, alt.Axis(values=ticks)).of(alt.X, "lines")
    y = log_axis("GFLOPS", *span(rates), room=1.5).of(alt.Y, "rate")
    colour, shape = by_language(alt, languages)
    base = alt.Chart(alt.Data(values=values)).encode(x=x, y=y)
    chart = alt.layer(
        base.mark_point(filled=True, size=70, opacity=0.9).encode(color=colour, shape=shape),
        base.mark_text(align="left", dx=8, dy=-6, fontSize=11, color="currentColor").encode(text="label:N"),
    ).properties(width=620, height=330)
    return svg(chart)


def frontier(rows: Iterable[Row]) -> list[Row]:
    """Return the Pareto frontier: the rows faster than all rows with as many lines or fewer, shortest first."""
    fastest: list[Row] = []
    for row in sorted(rows, key=lambda row: (row.lines or 0, -(row.gflops or 0))):
        if not fastest or (row.gflops or 0) > (fastest[-1].gflops or 0):
            fastest.append(row)
    return fastest
