"""The charts: dots with intervals on log axes. Static SVG, so that no script is needed to see them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.model import RUNGS, Row
from harness.peak import Peak
from harness.report.climb import Step, is_library, phrase
from harness.report.text import duration, significant

if TYPE_CHECKING:
    import altair as alt

    from harness.results import AtSize

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


def climb_chart(steps: Sequence[Step]) -> str:
    """Each step's times the baseline, with the factor of the step, and the paper's steps on the same rows."""
    import altair as alt

    if not steps:
        return ""
    order = [step.label for step in steps]
    largest = max(max(step.high, step.paper.speedup if step.paper else 1) for step in steps)
    smallest = min(1.0, *(step.low for step in steps))

    def panel(
        values: list[dict[str, Any]], title: str, width: int, room: float, look: tuple[str, str], rows: Any
    ) -> Any:
        axis = _log_axis(title, smallest, largest, room, every=1 if width > 400 else 2)
        shape, colour = look
        rows = alt.Y("step:N", sort=order, title=None, scale=alt.Scale(domain=order), axis=rows)
        base = alt.Chart(alt.Data(values=values)).encode(y=rows)
        return alt.layer(
            base.mark_rule(strokeWidth=2, color=colour).encode(x=axis.of(alt.X, "low"), x2="high:Q"),
            base.mark_point(filled=True, size=80, opacity=1, shape=shape, color=colour).encode(
                x=axis.of(alt.X, "times")
            ),
            base.mark_text(align="left", dx=10, fontSize=12, color="currentColor").encode(
                x=axis.of(alt.X, "high"), text="label:N"
            ),
        ).properties(width=width, height=alt.Step(28))

    here = [
        {
            "step": step.label,
            "times": step.times,
            "low": step.low,
            "high": step.high,
            "label": _step(step.factor, duration(step.row.median_s or 0) + (", est." if step.row.estimated else "")),
        }
        for step in steps
    ]
    chart = panel(
        here, "times as fast as the first, here", 480, 20, ("circle", HERE), alt.Axis(labelLimit=260, grid=True)
    )
    there = [
        {
            "step": step.label,
            "times": step.paper.speedup,
            "low": step.paper.speedup,
            "high": step.paper.speedup,
            "label": _step(step.paper_factor, duration(step.paper.seconds)),
        }
        for step in steps
        if step.paper
    ]
    if there:
        beside = panel(
            there, "in the paper", 330, 60, ("diamond", THERE), alt.Axis(labels=False, ticks=False, grid=True)
        )
        chart = alt.hconcat(chart, beside, spacing=12)
    return _svg(chart)


def _step(factor: float | None, time: str) -> str:
    return f"× {significant(factor)} ({time})" if factor else time


def ladders_chart(rows: Sequence[Row], peak: Peak | None) -> str:
    """A panel for each language, on the same axes: the rate of each rung, the fastest library and the peak as lines."""
    import altair as alt

    shown = [row for row in rows if row.gflops and not is_library(row)]
    if not shown:
        return ""
    library = fastest_library(rows)
    roof = max(peak.gflops.values()) if peak else None
    rungs = [phrase(rung) for rung in RUNGS if any(row.base_rung == rung for row in shown)]
    values = [
        {
            "language": row.language_name,
            "rung": phrase(row.base_rung),
            "rate": row.gflops,
            "low": _rate(row, row.high_s),
            "high": _rate(row, row.low_s),
            "threads": "1 thread" if row.threads == 1 else "all threads",
            "library": library.gflops if library else None,
            "peak": roof,
        }
        for row in shown
    ]
    top = max(value for value in (*(row.gflops for row in shown), library.gflops if library else 0, roof or 0) if value)
    axis = _log_axis("GFLOPS", min(value["low"] for value in values), top, room=1.5, every=2)
    # the data belong to the faceted chart: a layer that had its own would be drawn in every panel alike
    base = alt.Chart().encode(
        x=alt.X("rung:N", sort=rungs, title=None, scale=alt.Scale(domain=rungs), axis=alt.Axis(labelAngle=-55))
    )
    layers = [
        base.mark_rule(strokeWidth=2, color=HERE).encode(y=axis.of(alt.Y, "low"), y2="high:Q"),
        base.mark_point(filled=True, size=60, opacity=1, color=HERE).encode(
            y=axis.of(alt.Y, "rate"),
            shape=alt.Shape(
                "threads:N",
                title=None,
                scale=alt.Scale(domain=["1 thread", "all threads"], range=["circle", "triangle-up"]),
            ),
        ),
    ]
    for name, dash in (("library", [5, 3]), ("peak", [1, 0])):
        line = axis.of(alt.Y, name, aggregate="max")
        if values[0][name]:
            layers.append(alt.Chart().mark_rule(strokeDash=dash, color="currentColor", opacity=0.7).encode(y=line))
    order = list(dict.fromkeys(row.language_name for row in sorted(shown, key=lambda row: row.median_s or 0)))
    chart = (
        alt.layer(*layers, data=alt.Data(values=values))
        .properties(width=215, height=150)
        .facet(facet=alt.Facet("language:N", sort=order, title=None), columns=3)
    )
    return _svg(chart)


def lines_chart(rows: Sequence[Row]) -> str:
    """Lines of code against rate. Named are those that no shorter kernel is as fast as: what each factor costs."""
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
    x = _Axis("lines of code", scale, alt.Axis(values=ticks)).of(alt.X, "lines")
    y = _log_axis("GFLOPS", *_range(rates), room=1.5).of(alt.Y, "rate")
    colour, shape = _by_language(alt, languages)
    base = alt.Chart(alt.Data(values=values)).encode(x=x, y=y)
    chart = alt.layer(
        base.mark_point(filled=True, size=70, opacity=0.9).encode(color=colour, shape=shape),
        base.mark_text(align="left", dx=8, dy=-6, fontSize=11, color="currentColor").encode(text="label:N"),
    ).properties(width=620, height=330)
    return _svg(chart)


def frontier(rows: Iterable[Row]) -> list[Row]:
    """The rows that no row of as few lines is as fast as, shortest first."""
    kept: list[Row] = []
    for row in sorted(rows, key=lambda row: (row.lines or 0, -(row.gflops or 0))):
        if not kept or (row.gflops or 0) > (kept[-1].gflops or 0):
            kept.append(row)
    return kept


INTENSITIES = {"naive": 2 / (64 + 8), "interchange": 2 / 8, "parallel": 2 / 8}
"""Operations for a byte from memory, by loop order where no cache keeps B: a cache line of B for each element of its
column, or a row of B for each element of A. Every other rung keeps blocks, and at best moves each matrix once."""


def intensity(row: Row) -> float:
    """Operations a byte that a kernel's loops ask of memory; computed, not measured."""
    return INTENSITIES.get(row.base_rung, row.n / 12)


def roofline_chart(rows: Sequence[Row], peak: Peak | None) -> str:
    """The rate of each kernel under the measured roofs: what memory gives at its intensity, and the vector units."""
    import altair as alt

    shown = [row for row in rows if row.gflops]
    if not shown or peak is None or not peak.memory_gbs:
        return ""
    languages = sorted({row.language_name for row in shown})
    values = [
        {"intensity": intensity(row), "rate": row.gflops, "language": row.language_name, "label": ""} for row in shown
    ]
    left, right = min(value["intensity"] for value in values) / 2, max(value["intensity"] for value in values) * 3
    roofs, names = [], []
    for threads, gflops in sorted(peak.gflops.items()):
        memory = peak.memory_gbs.get(threads)
        if memory is None:
            continue
        name = f"{threads} thread{'s' if threads > 1 else ''}"
        corner = gflops / memory
        for at in (left, corner, right):
            roofs.append({"intensity": at, "rate": min(gflops, at * memory), "threads": name})
        label = f"{name}: {significant(gflops)} GFLOPS, {significant(memory)} GB/s"
        names.append({"intensity": corner, "rate": gflops, "label": label})
    # the byte products of the matrix engine, in products of doubles: what its kernels come under
    products = max((row.products for row in shown), default=0)
    for threads, gops in sorted(peak.engine_gops.items() if products else ()):
        name, rate = f"matrix engine, {threads} thread{'s' if threads > 1 else ''}", gops / products
        roofs += [{"intensity": at, "rate": rate, "threads": name} for at in (left, right)]
        label = f"{name}: {significant(gops)} GOPS on bytes / {products}"
        names.append({"intensity": left, "rate": rate, "label": label})
    rates = [value["rate"] for value in (*values, *roofs)]
    title = "floating-point operations for a byte from memory"
    x = _log_axis(title, left, right, room=1, whole=False).of(alt.X, "intensity")
    y = _log_axis("GFLOPS", *_range(rates), room=1.5).of(alt.Y, "rate")
    colour, shape = _by_language(alt, languages)
    chart = alt.layer(
        alt.Chart(alt.Data(values=roofs))
        .mark_line(color="currentColor", strokeWidth=1.5)
        .encode(x=x, y=y, detail="threads:N", strokeDash=alt.StrokeDash("threads:N", legend=None)),
        alt.Chart(alt.Data(values=names))
        .mark_text(align="left", dx=8, dy=-7, fontSize=11, color="currentColor")
        .encode(x=x, y=y, text="label:N"),
        alt.Chart(alt.Data(values=values))
        .mark_point(filled=True, size=60, opacity=0.85)
        .encode(x=x, y=y, color=colour, shape=shape),
    ).properties(width=620, height=330)
    return _svg(chart)


def sizes_chart(sizes: Sequence[AtSize], rows: Sequence[Row], caches: Sequence[str]) -> str:
    """A panel for each language: rate against n, a line for each rung, and where the matrices outgrow each cache."""
    import altair as alt

    if not sizes:
        return ""
    by_kernel = {row.kernel: row for row in rows}
    rungs = [phrase(rung) for rung in RUNGS if any(row.base_rung == rung for row in rows)]
    values = [
        {
            "n": one.n,
            "rate": one.gflops,
            "kernel": one.kernel,
            "language": by_kernel[one.kernel].language_name,
            "rung": phrase(by_kernel[one.kernel].base_rung),
        }
        for one in sizes
    ]
    ns = sorted({one.n for one in sizes})
    edges = [(name, n) for name, n in outgrown(caches) if ns[0] <= n <= ns[-1]]
    for value in values:
        value |= dict(edges)
    scale = alt.Scale(type="log", base=2, domain=[ns[0], ns[-1]], nice=False)
    across = _Axis("n", scale, alt.Axis(values=ns, format="d", labelAngle=-55))
    x = across.of(alt.X, "n")
    y = _log_axis("GFLOPS", *_range([one.gflops for one in sizes]), room=1).of(alt.Y, "rate")
    colour = alt.Color("rung:N", scale=alt.Scale(domain=rungs, range=_cycle(COLOURS, len(rungs))), title=None)
    dash = alt.StrokeDash("rung:N", scale=alt.Scale(domain=rungs, range=_cycle(DASHES, len(rungs))), title=None)
    layers = [alt.Chart().mark_line(strokeWidth=2).encode(x=x, y=y, color=colour, strokeDash=dash, detail="kernel:N")]
    for name, _ in edges:
        edge = across.of(alt.X, name, aggregate="max")
        layers.append(alt.Chart().mark_rule(color="currentColor", opacity=0.5).encode(x=edge))
    order = list(dict.fromkeys(value["language"] for value in sorted(values, key=lambda value: -value["rate"])))
    chart = (
        alt.layer(*layers, data=alt.Data(values=values))
        .properties(width=215, height=170)
        .facet(facet=alt.Facet("language:N", sort=order, title=None), columns=3)
    )
    return _svg(chart)


DASHES = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2])


def outgrown(caches: Sequence[str]) -> list[tuple[str, int]]:
    """For caches such as "L2 1024K", the n from which three n x n matrices of doubles are larger: sqrt(bytes / 24)."""
    found = []
    for cache in caches:
        match = re.fullmatch(r"(L[1-4]d?) (\d+)([KM])", cache)
        if match:
            size = int(match[2]) * (2**10 if match[3] == "K" else 2**20)
            found.append((match[1], math.isqrt(size // 24)))
    return found


def ratios_chart(rows: Sequence[tuple[str, float, float, float]]) -> str:
    """Kernels of two runs: (kernel, ratio, low, high) as dots with intervals beside the line of no change."""
    import altair as alt

    if not rows:
        return ""
    values = [{"kernel": name, "ratio": ratio, "low": low, "high": high} for name, ratio, low, high in rows]
    title = "the later time by the earlier one"
    lowest, highest = min(value["low"] for value in values), max(value["high"] for value in values)
    reach = max(1.05, highest, 1 / lowest)
    scale = alt.Scale(type="log", domain=[1 / reach, reach], nice=False)
    axis = alt.Axis(format="~g")
    base = alt.Chart(alt.Data(values=values)).encode(
        y=alt.Y("kernel:N", sort=[value["kernel"] for value in values], title=None, axis=alt.Axis(labelLimit=240))
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
    return _svg(chart)


def fastest_library(rows: Iterable[Row]) -> Row | None:
    """The library row with the highest rate; None without one."""
    libraries = [row for row in rows if row.gflops and is_library(row)]
    return max(libraries, key=lambda row: row.gflops or 0, default=None)


def _rate(row: Row, seconds: float | None) -> float:
    assert row.median_s is not None and row.gflops is not None
    return row.gflops * row.median_s / (seconds or row.median_s)


def _range(values: Sequence[float]) -> tuple[float, float]:
    return min(values), max(values)


@dataclass(frozen=True)
class _Axis:
    """One axis for the several fields that are drawn on it."""

    title: str
    scale: Any
    axis: Any

    def of(self, channel: Any, field: str, **more: Any) -> Any:
        """The encoding of a field by this axis; `channel` is Altair's X or Y."""
        return channel(f"{field}:Q", title=self.title, scale=self.scale, axis=self.axis, **more)


def _log_axis(title: str, lowest: float, highest: float, room: float, every: int = 1, whole: bool = True) -> _Axis:
    """A log axis whose ticks are powers of ten, every so many; `room` is a factor that is left for labels."""
    import altair as alt

    first, last = math.floor(math.log10(lowest) + 1e-9), math.ceil(math.log10(highest) - 1e-9)
    ticks = [10.0**power for power in range(first, last + 1, every)]
    domain = [ticks[0], max(10.0**last, highest) * room] if whole else [lowest, highest * room]
    scale = alt.Scale(type="log", domain=domain, nice=False)
    return _Axis(title, scale, alt.Axis(values=ticks, labelExpr=GROUPED))


def _by_language(alt: Any, languages: list[str]) -> tuple[alt.Color, alt.Shape]:
    legend = alt.Legend(title=None, orient="top", columns=8)
    return (
        alt.Color(
            "language:N", scale=alt.Scale(domain=languages, range=_cycle(COLOURS, len(languages))), legend=legend
        ),
        alt.Shape("language:N", scale=alt.Scale(domain=languages, range=_cycle(SHAPES, len(languages))), legend=legend),
    )


def _cycle(values: tuple[str, ...], count: int) -> list[str]:
    return [values[i % len(values)] for i in range(count)]


def _svg(chart: Any) -> str:
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
