"""Draw rate against lines of code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.model.result import Row
from harness.report.charts.style import Axis, by_language, log_axis, span, svg
from harness.report.climb import is_library


def lines_chart(rows: Sequence[Row]) -> str:
    """Draw the rate of each kernel against its lines of code; label the kernels of the frontier."""
    import altair as alt

    shown = [(row, row.rate.gflops, row.build.lines) for row in rows if row.rate and row.build.lines]
    if len(shown) < 2:
        return ""
    named = {row.kernel for row in frontier(row for row, _, _ in shown if not is_library(row))}
    languages = sorted({row.language_name for row, _, _ in shown})
    values = [
        {
            "lines": lines,
            "rate": rate,
            "language": row.language_name,
            "label": row.kernel if row.kernel in named else "",
        }
        for row, rate, lines in shown
    ]
    rates = [rate for _, rate, _ in shown]
    counts = [lines for _, _, lines in shown]
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
    for row in sorted(rows, key=lambda row: (row.build.lines or 0, -_gflops(row))):
        if not fastest or _gflops(row) > _gflops(fastest[-1]):
            fastest.append(row)
    return fastest


def _gflops(row: Row) -> float:
    return row.rate.gflops if row.rate else 0.0
