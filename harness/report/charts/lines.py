"""Draw rate against lines of code, and find the kernels that are faster than all shorter ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.model.result import Row
from harness.report.charts.style import Axis, by_language, log_axis, span, svg
from harness.report.climb import is_library


def lines_chart(rows: Sequence[Row]) -> str:
    """Draw the rate of each kernel against its lines of code; a line joins the kernels of the frontier."""
    import altair as alt

    shown = [(row, row.rate.gflops, row.build.lines) for row in rows if row.rate and row.build.lines]
    if len(shown) < 2:
        return ""
    best = [{"lines": row.build.lines, "rate": _gflops(row)} for row in frontier(rows)]
    languages = sorted({row.language_name for row, _, _ in shown})
    values = [
        {"kernel": row.kernel, "lines": lines, "rate": rate, "language": row.language_name}
        for row, rate, lines in shown
    ]
    rates = [rate for _, rate, _ in shown]
    counts = [lines for _, _, lines in shown]
    scale = alt.Scale(type="log", domain=[min(counts) * 0.8, max(counts) * 1.25], nice=False)
    ticks = [digit * 10**power for power in range(4) for digit in (1, 2, 5)]
    x = Axis("lines of code", scale, alt.Axis(values=ticks)).of(alt.X, "lines")
    y = log_axis("GFLOPS", *span(rates), room=1.5).of(alt.Y, "rate")
    colour, shape = by_language(alt, languages)
    chart = alt.layer(
        alt.Chart(alt.Data(values=best))
        .mark_line(interpolate="step-after", color="currentColor", opacity=0.5)
        .encode(x=x, y=y),
        alt.Chart(alt.Data(values=values))
        .mark_point(filled=True, size=70, opacity=1)
        .encode(x=x, y=y, color=colour, shape=shape, description="kernel:N"),
    ).properties(width=620, height=330)
    return svg(chart)


def frontier(rows: Iterable[Row]) -> list[Row]:
    """Return the Pareto frontier: the rows faster than all rows with as many lines or fewer, shortest first.

    Libraries are left out, whose code is not counted.
    """
    fastest: list[Row] = []
    counted = [row for row in rows if row.rate and row.build.lines and not is_library(row)]
    for row in sorted(counted, key=lambda row: (row.build.lines or 0, -_gflops(row))):
        if not fastest or _gflops(row) > _gflops(fastest[-1]):
            fastest.append(row)
    return fastest


def _gflops(row: Row) -> float:
    return row.rate.gflops if row.rate else 0.0
