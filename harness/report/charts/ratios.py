"""Draw the ratios of two runs' times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass
from harness.report.charts.style import HERE, svg


def ratios_chart(rows: Sequence[tuple[str, float, float, float]]) -> str:
    """Kernels of two runs: (kernel, ratio, low, high) as dots with intervals beside the line of no change."""
    import altair as alt

    if not rows:
        return ""
    values = [{"kernel": name, "ratio": ratio, "low": low, "high": high} for name, ratio, low, high in rows]
    title = "the later time by the earlier one"
    lowest, highest = min(low for _, _, low, _ in rows), max(high for _, _, _, high in rows)
    reach = max(1.05, highest, 1 / lowest)
    scale = alt.Scale(type="log", domain=[1 / reach, reach], nice=False)
    axis = alt.Axis(format="~g")
    base = alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y("kernel:N", sort=[name for name, *_ in rows], title=None, axis=alt.Axis(labelLimit=240))
    )
    chart = alt.layer(
        alt.Chart(alt.Data(values=[{"one": 1}]))
        .mark_rule(color="currentColor")
        .encode(x=alt.X("one:Q", scale=scale, axis=axis, title=title)),
        base.mark_rule(strokeWidth=2, color=HERE).encode(
            x=alt.X("low:Q", scale=scale, axis=axis, title=title), x2="high:Q"
        ),
        base.mark_point(filled=True, size=70, opacity=1, color=HERE).encode(
            x=alt.X("ratio:Q", scale=scale, axis=axis, title=title)
        ),
    ).properties(width=560, height=alt.Step(22))
    return svg(chart)
