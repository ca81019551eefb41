"""Draw the factors of a speed-up as a waterfall on a log axis: each bar begins where the one above it ends."""

from __future__ import annotations

from typing import Any

from harness.analysis.factors import beyond_rounding
from harness.model.result import Product, Quantity
from harness.report.charts.style import HERE, log_axis, svg
from harness.util.format import significant

WIDTH = 330
"""Width of the axis in px. With the padding it is about as wide as a phone, where the texts keep their size."""

BAR, STEP = 14, 42
"""Height of a bar, and from bar to bar, in px. The text is above its bar: beside it, it would have too little room."""


def factors_chart(product: Product | None) -> str:
    """Draw one bar for each factor, its interval across its end, and a last bar for the product."""
    import altair as alt

    if product is None:
        return ""
    bars = _bars(product)
    ends = [bar[end] for bar in bars for end in ("start", "end", "low", "high") if end in bar]
    # the axis of a small product goes up to 10, since it has ticks at powers of ten only
    axis = log_axis("times as fast as the first", min(1.0, *ends), max(10.0, *ends), room=1)
    labels = [bar["label"] for bar in bars]
    rows = alt.Y("label:N", sort=labels, title=None, scale=alt.Scale(domain=labels), axis=None)
    base = alt.Chart(alt.Data(values=bars)).encode(y=rows)
    # a factor without an interval has no line, which would look like an interval of no width
    whiskers = alt.Chart(alt.Data(values=[bar for bar in bars if "low" in bar])).encode(y=rows)
    below, ink = (STEP - BAR) / 2 - 4, "currentColor"
    chart = alt.layer(
        base.mark_bar(size=BAR, yOffset=below, color=HERE, opacity=1).encode(x=axis.of(alt.X, "start"), x2="end:Q"),
        whiskers.mark_rule(strokeWidth=2, yOffset=below, color=ink).encode(x=axis.of(alt.X, "low"), x2="high:Q"),
        whiskers.mark_tick(size=BAR, thickness=2, yOffset=below, color=ink).encode(x=axis.of(alt.X, "low")),
        whiskers.mark_tick(size=BAR, thickness=2, yOffset=below, color=ink).encode(x=axis.of(alt.X, "high")),
        base.mark_text(align="left", dy=below - BAR - 2, fontSize=13, color=ink).encode(x=alt.value(0), text="label:N"),
    ).properties(width=WIDTH, height=alt.Step(STEP))
    return svg(chart)


def _bars(product: Product) -> list[dict[str, Any]]:
    """Return the bars from top to bottom: the start and the end of each, the ends of its interval, and its label."""
    bars, reached = [], 1.0
    for factor in product.factors:
        bars.append(_bar(f"{factor.name}: ×", reached, factor.ratio, factor.estimated))
        reached *= factor.ratio.value
    if beyond_rounding(product.remainder):
        bars.append(_bar("remainder: ×", reached, Quantity(product.remainder)))
    return [*bars, _bar("product:", 1.0, product.total, product.estimated)]


def _bar(name: str, start: float, times: Quantity, estimated: bool = False) -> dict[str, Any]:
    bounds, mark = times.interval, ", est." if estimated else ""
    between = f" ({significant(bounds.low)} to {significant(bounds.high)})" if bounds else ""
    return {
        "label": f"{name} {significant(times.value)}{between}{mark}",
        "start": start,
        "end": start * times.value,
        **({"low": start * bounds.low, "high": start * bounds.high} if bounds else {}),
    }
