"""The chart: a dot for each kernel on a log axis, with its interval. Static SVG, so that no script is needed."""

from __future__ import annotations

import math
import re

from harness.model import Row
from harness.report.text import duration

# Okabe and Ito's palette, told apart with every kind of colour vision; shapes tell the languages apart without colour
COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#7F7F7F",
    "#A0522D",
    "#6A5ACD",
    "#2F8F8F",
)
SHAPES = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross")


def times_chart(rows: list[Row]) -> str:
    """Time of the whole product by kernel, fastest first, as an SVG element; empty without a measured row."""
    import altair as alt
    import pandas as pd
    import vl_convert

    measured = sorted((row for row in rows if row.median_s is not None), key=lambda row: row.median_s or 0)
    if not measured:
        return ""
    languages = sorted({row.language_name for row in measured})
    data = pd.DataFrame(
        {
            "kernel": [row.kernel for row in measured],
            "language": [row.language_name for row in measured],
            "seconds": [row.median_s for row in measured],
            "low": [row.low_s or row.median_s for row in measured],
            "high": [row.high_s or row.median_s for row in measured],
            "label": [f"{duration(row.median_s or 0)}{' (estimate)' if row.estimated else ''}" for row in measured],
        }
    )
    lowest, highest = data["low"].min(), data["high"].max()
    first, last = math.floor(math.log10(lowest)), math.ceil(math.log10(highest * 3))
    ticks = [10.0**power for power in range(first, last + 1)]
    names = alt.Y("kernel:N", sort=[row.kernel for row in measured], title=None, axis=alt.Axis(labelLimit=240))
    scale = alt.Scale(type="log", domain=[ticks[0], ticks[-1] * 4], nice=False)
    title = "seconds for the whole product, logarithmic"
    axis = alt.Axis(values=ticks, labelExpr="datum.value >= 1 ? format(datum.value, ',') : format(datum.value, '~g')")
    seconds = alt.X("seconds:Q", title=title, scale=scale, axis=axis)
    base = alt.Chart(data).encode(y=names)
    colour = alt.Color(
        "language:N",
        scale=alt.Scale(domain=languages, range=_cycle(COLOURS, len(languages))),
        legend=alt.Legend(title=None, orient="top"),
    )
    shape = alt.Shape("language:N", scale=alt.Scale(domain=languages, range=_cycle(SHAPES, len(languages))))
    chart = (
        alt.layer(
            base.mark_rule(strokeWidth=2).encode(
                x=alt.X("low:Q", title=title, scale=scale, axis=axis), x2="high:Q", color=colour
            ),
            base.mark_point(filled=True, size=70, opacity=1).encode(x=seconds, color=colour, shape=shape),
            # behind the interval's end, not over it
            base.mark_text(align="left", dx=9, fontSize=11, color="currentColor").encode(
                x=alt.X("high:Q", title=title, scale=scale, axis=axis), text="label:N"
            ),
        )
        .properties(
            width=640,
            height=alt.Step(22),
            background="transparent",
            # the browser's font may be wider than the one that the layout was measured with
            padding={"left": 40, "right": 10, "top": 5, "bottom": 5},
        )
        .configure(font="system-ui, sans-serif")  # first: it would undo the ones below
        .configure_view(stroke=None)
        .configure_axis(
            labelColor="currentColor",
            titleColor="currentColor",
            domainColor="currentColor",
            tickColor="currentColor",
            gridColor="currentColor",
            gridOpacity=0.15,
            labelFontSize=12,
            titleFontSize=12,
        )
        .configure_legend(labelColor="currentColor", labelFontSize=12)
    )
    svg = vl_convert.vegalite_to_svg(chart.to_json())
    return _scalable(svg)


def _cycle(values: tuple[str, ...], count: int) -> list[str]:
    return [values[i % len(values)] for i in range(count)]


def _scalable(svg: str) -> str:
    """The SVG without a fixed size, so that it fits a narrow page, and hidden from readers that have the table."""
    head, rest = svg.split(">", 1)
    head = re.sub(r'\s(width|height)="[^"]*"', "", head)
    return f'{head} role="img" aria-hidden="true">{rest}'
