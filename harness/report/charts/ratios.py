"""Draw the ratios of the times in two runs."""

from __future__ import annotations

from collections.abc import Sequence

from harness.report.charts.style import HERE, Axis, Frame, interval_layers, svg


def ratios_chart(rows: Sequence[tuple[str, float, float, float]]) -> str:
    """Draw the ratio of each kernel's times in two runs: (kernel, ratio, low, high), beside a line at 1."""
    import altair as alt

    if not rows:
        return ""
    frame = Frame.of([ratio for _, ratio, _, _ in rows], [end for _, _, *both in rows for end in both])
    values = [{"kernel": name, "ratio": ratio, **frame.cut(low, high)} for name, ratio, low, high in rows]
    title = "ratio of the times"
    reach = max(1.05, frame.last, 1 / frame.first)
    scale = alt.Scale(type="log", domain=[1 / reach, reach], nice=False)
    across = Axis(title, scale, alt.Axis(format="~g"))
    base = alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y("kernel:N", sort=[name for name, *_ in rows], title=None, axis=alt.Axis(labelLimit=240))
    )
    chart = alt.layer(
        alt.Chart(alt.Data(values=[{"no_change": 1}]))
        .mark_rule(color="currentColor")
        .encode(x=across.of(alt.X, "no_change")),
        *interval_layers(base, across, alt.X, HERE),
        base.mark_point(filled=True, size=70, opacity=1, color=HERE).encode(
            x=across.of(alt.X, "ratio"), description="kernel:N"
        ),
    ).properties(width=560, height=alt.Step(22))
    return svg(chart)
