"""Colours, shapes and axes that all charts share, and the way from a chart to SVG."""

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

HERE, THERE = COLOURS[0], COLOURS[1]

GROUPED = "datum.value >= 1 ? format(datum.value, ',') : format(datum.value, '~g')"
"""Axis labels: 1,000 and 0.01, no exponents."""


def fastest_library(rows: Iterable[Row]) -> Row | None:
    """The library row with the highest rate; None without one."""
    libraries = [row for row in rows if row.rate and is_library(row)]
    return max(libraries, key=lambda row: row.rate.gflops if row.rate else 0, default=None)


def span(values: Sequence[float]) -> tuple[float, float]:
    """Return the least and the greatest value."""
    return min(values), max(values)


@dataclass(frozen=True)
class Axis:
    """One axis for the several fields that are drawn on it."""

    title: str
    scale: Any
    axis: Any

    def of(self, channel: Any, field: str, **more: Any) -> Any:
        """The encoding of a field by this axis; `channel` is Altair's X or Y."""
        return channel(f"{field}:Q", title=self.title, scale=self.scale, axis=self.axis, **more)


def log_axis(title: str, lowest: float, highest: float, room: float, every: int = 1, whole: bool = True) -> Axis:
    """A log axis whose ticks are powers of ten, every so many; `room` is a factor that is left for labels."""
    import altair as alt

    first, last = math.floor(math.log10(lowest) + 1e-9), math.ceil(math.log10(highest) - 1e-9)
    ticks = [10.0**power for power in range(first, last + 1, every)]
    domain = [ticks[0], max(10.0**last, highest) * room] if whole else [lowest, highest * room]
    scale = alt.Scale(type="log", domain=domain, nice=False)
    return Axis(title, scale, alt.Axis(values=ticks, labelExpr=GROUPED))


def by_language(alt: Any, languages: list[str]) -> tuple[alt.Color, alt.Shape]:
    """Give each language a colour and a shape."""
    legend = alt.Legend(title=None, orient="top", columns=8)
    return (
        alt.Color("language:N", scale=alt.Scale(domain=languages, range=cycle(COLOURS, len(languages))), legend=legend),
        alt.Shape("language:N", scale=alt.Scale(domain=languages, range=cycle(SHAPES, len(languages))), legend=legend),
    )


def cycle(values: Sequence[Value], count: int) -> list[Value]:
    """Return `count` values, from the first again after the last."""
    return [values[i % len(values)] for i in range(count)]


def svg(chart: Any) -> str:
    """The chart in the page's own colours, without a fixed size, hidden from readers that have the table."""
    import vl_convert

    label = {"labelColor": "currentColor", "labelFontSize": 12}
    chart = (
        # the browser's font may be wider than the one that the layout was measured with
        chart.properties(background="transparent", padding={"left": 30, "right": 30, "top": 5, "bottom": 20})
        .configure(font="system-ui, sans-serif")  # first: it would undo the ones below
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
        .configure_header(**label)
    )
    head, rest = vl_convert.vegalite_to_svg(chart.to_json(validate=False)).split(">", 1)
    head = re.sub(r'\s(width|height)="[^"]*"', "", head)
    return f'{head} role="img" aria-hidden="true">{rest}'
