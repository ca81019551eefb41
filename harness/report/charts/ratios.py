"""Draw the ratios of the times in two runs."""

from __future__ import annotations

from collections.abc import Sequence

from harness.report.charts.style import HERE, svg


def ratios_chart(rows: Sequence[tuple[str, float, float, float]]) -> str:
    """Draw the ratio of each kernel's times in two runs: (kernel, ratio, low, high), beside a line at 1."""
    import altair as alt

    if not rows:
        return ""
    values = [{"kernel": name, "ratio": ratio, "low": low, "high": high} for name, ratio, low, high in rows]
    title = "ratio of the times"
    lowest, highest = min(low for _, _, low, _ in rows), max(high for _, _, _, high in rows)
    reach = max(1.05, highest, 1 / lowest)
    scale = alt.Scale(type="log", domain=[1 / reach, reach], nice=False)
    axis = alt.Axis(format="~g")
    base = alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y("kernel:N", sort=[name for name, *_ in rows], title=None, axis=alt.Axis(labelLimit=240))
    )
    chart = alt.layer(
        alt.Chart(alt.Data(values=[{"no_change": 1}]))
        .mark_rule(color="currentColor")
        .encode(x=alt.X("no_change:Q", scale=scale, axis=axis, title=title)),
        base.mark_rule(strokeWidth=2, color=HERE).encode(
            x=alt.X("low:Q", scale=scale, axis=axis, title=title), x2="high:Q"
        ),
        base.mark_point(filled=True, size=70, opacity=1, color=HERE).encode(
            x=alt.X("ratio:Q", scale=scale, axis=axis, title=title)
        ),
    ).properties(width=560, height=alt.Step(22))
    return svg(chart)
