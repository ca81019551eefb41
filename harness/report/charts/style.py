"""Define the colours, shapes and axes of all charts, and convert charts to SVG."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from harness.model.result import Row
from harness.report.climb import is_library

if TYPE_CHECKING:
    import altair as alt

Value = TypeVar("Value")

COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#C0649A",
    "#A67300",
    "#2B8CC4",
    "#7F7F7F",
    "#A0522D",
    "#6A5ACD",
    "#2F8F8F",
)
"""Okabe and Ito's palette, whose colours differ for every kind of colour vision, and four more.

Three of theirs are darker here: each has a contrast of 3 or more with the page, light or dark (WCAG 2.2, 1.4.11).
"""

SHAPES = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross")
"""Shapes of the languages, so that they differ without colour."""

HERE, THERE = COLOURS[0], COLOURS[1]
"""Colours of the figures of this run and of the figures that they are compared with."""

HEADER_PX = 160
"""Width in px beyond which the name over a panel is cut, with room for a browser's wider font: panels are 215 wide."""

GROUPED = (
    "datum.value >= 1e6 ? format(datum.value, '~s') : "
    "datum.value >= 1 ? format(datum.value, ',') : format(datum.value, '~g')"
)
"""Vega expression of the labels of an axis: 0.01, 1,000 and 10M, without exponents."""

MAX_TICKS = 8
"""Largest number of ticks whose labels have room on every axis."""


def fastest_library(rows: Iterable[Row]) -> Row | None:
    """Return the library row with the highest rate; None if there is no library."""
    libraries = [row for row in rows if row.rate and is_library(row)]
    return max(libraries, key=lambda row: row.rate.gflops if row.rate else 0, default=None)


def span(values: Sequence[float]) -> tuple[float, float]:
    """Return the smallest and the largest value."""
    return min(values), max(values)


@dataclass(frozen=True)
class Axis:
    """An axis that several fields are drawn on."""

    title: str
    scale: Any
    axis: Any

    def of(self, channel: Any, field: str, **more: Any) -> Any:
        """Return the encoding of a field on this axis; `channel` is Altair's X or Y."""
        return channel(f"{field}:Q", title=self.title, scale=self.scale, axis=self.axis, **more)


CUT = 10.0
"""Factor beyond the outermost values up to which intervals are drawn. What is beyond is cut, and marked: an interval of
a factor of a million would press all values into a corner."""


@dataclass(frozen=True)
class Frame:
    """The part of an axis on which intervals are drawn."""

    first: float
    last: float

    @classmethod
    def of(cls, values: Sequence[float], ends: Sequence[float]) -> Frame:
        """Return the frame of values and the ends of their intervals."""
        first, last = span(values)
        low, high = span([*values, *ends])
        return cls(max(low, first / CUT), min(high, last * CUT))

    def cut(self, low: float, high: float) -> dict[str, float]:
        """Return an interval as fields of a chart: `cut_low` and `cut_high` are the ends at which it was cut."""
        fields = {"low": max(low, self.first), "high": min(high, self.last)}
        if low < self.first:
            fields["cut_low"] = self.first
        if high > self.last:
            fields["cut_high"] = self.last
        return fields


def interval_layers(base: Any, axis: Axis, channel: Any, colour: str) -> list[Any]:
    """Return the layers that draw intervals along an axis, with an arrow where one is cut; `channel` is X or Y."""
    import altair as alt

    across = channel is alt.X
    second, shapes = ("x2", ("triangle-left", "triangle-right")) if across else ("y2", ("triangle-down", "triangle-up"))
    first = "x" if across else "y"
    layers = [base.mark_rule(strokeWidth=2, color=colour).encode(**{first: axis.of(channel, "low"), second: "high:Q"})]
    for field, shape in zip(("cut_low", "cut_high"), shapes, strict=True):
        layers.append(
            base.transform_filter(f"isValid(datum.{field})")
            .mark_point(filled=True, size=70, opacity=1, shape=shape, color=colour)
            .encode(**{first: axis.of(channel, field)})
        )
    return layers


def log_axis(title: str, lowest: float, highest: float, room: float, every: int = 1, whole: bool = True) -> Axis:
    """Return a log axis with ticks at powers of ten.

    `every` is the least number of powers from tick to tick, `room` the factor beyond `highest` that is left for labels.
    With `whole`, the axis begins and ends at a power of ten.
    """
    import altair as alt

    first, last = math.floor(math.log10(lowest) + 1e-9), math.ceil(math.log10(highest) - 1e-9)
    every = max(every, math.ceil((last - first + 1) / MAX_TICKS))
    ticks = [10.0**power for power in range(first, last + 1, every)]
    domain = [ticks[0], max(10.0**last, highest) * room] if whole else [lowest, highest * room]
    scale = alt.Scale(type="log", domain=domain, nice=False)
    return Axis(title, scale, alt.Axis(values=ticks, labelExpr=GROUPED))


def by_language(alt: Any, languages: list[str]) -> tuple[alt.Color, alt.Shape]:
    """Give each language a colour and a shape."""
    legend = alt.Legend(title=None, orient="top", columns=6, columnPadding=40)
    return (
        alt.Color("language:N", scale=alt.Scale(domain=languages, range=cycle(COLOURS, len(languages))), legend=legend),
        alt.Shape("language:N", scale=alt.Scale(domain=languages, range=cycle(SHAPES, len(languages))), legend=legend),
    )


def cycle(values: Sequence[Value], count: int) -> list[Value]:
    """Return `count` values, from the first again after the last."""
    return [values[i % len(values)] for i in range(count)]


def svg(chart: Any) -> str:
    """Return a chart as SVG in the page's own colours and without a fixed size, hidden from screen readers.

    Screen readers have the table with the same values.
    """
    import vl_convert

    label = {"labelColor": "currentColor", "labelFontSize": 12}
    chart = (
        # padding, because the browser's font may be wider than the font that the layout was computed with
        chart.properties(background="transparent", padding={"left": 30, "right": 30, "top": 5, "bottom": 20})
        .configure(font="system-ui, sans-serif")  # before the other configurations, which it would reset
        .configure_view(stroke=None)
        .configure_axis(
            titleColor="currentColor",
            domainColor="currentColor",
            tickColor="currentColor",
            gridColor="currentColor",
            gridOpacity=0.15,
            titleFontSize=12,
            titleFontWeight="normal",
            **label,
        )
        .configure_legend(**label)
        .configure_header(labelLimit=HEADER_PX, **label)
    )
    head, rest = vl_convert.vegalite_to_svg(chart.to_json(validate=False)).split(">", 1)
    head = re.sub(r'\s(width|height)="[^"]*"', "", head)
    return f'{head} role="img" aria-hidden="true">{rest}'
