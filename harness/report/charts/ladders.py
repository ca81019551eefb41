"""Draw the rate of each rung, one panel per language."""

from __future__ import annotations

from collections.abc import Sequence

from harness.model.kernel import RUNGS
from harness.model.machine import Peak
from harness.model.result import Row, fastest_first
from harness.report.charts.style import HERE, Frame, fastest_library, interval_layers, log_axis, svg
from harness.report.climb import is_library, phrase


def ladders_chart(rows: Sequence[Row], peak: Peak | None) -> str:
    """Draw the rates of the rungs, one panel per language on equal axes; lines are the fastest library and the peak."""
    import altair as alt

    shown = [row for row in rows if row.rate and not is_library(row)]
    if not shown:
        return ""
    library = fastest_library(rows)
    roof = max(peak.gflops.values()) if peak else None
    rungs = [phrase(rung) for rung in RUNGS if any(row.rung == rung for row in shown)]
    ends = {row.kernel: _ends(row) for row in shown}
    rates = [rate_of(row) for row in shown]
    frame = Frame.of(rates, [end for both in ends.values() for end in both])
    values = [
        {
            "language": row.language_name,
            "rung": phrase(row.rung),
            "kernel": row.kernel,
            "rate": rate_of(row),
            **frame.cut(*ends[row.kernel]),
            "threads": "1 thread" if row.threads == 1 else "all threads",
            "library": rate_of(library) if library else None,
            "peak": roof,
        }
        for row in shown
    ]
    top = max(frame.last, rate_of(library) if library else 0, roof or 0)
    axis = log_axis("GFLOPS", frame.first, top, room=1.5, every=2)
    # the data belong to the faceted chart: a layer with its own data would be drawn alike in every panel
    base = alt.Chart().encode(
        x=alt.X("rung:N", sort=rungs, title=None, scale=alt.Scale(domain=rungs), axis=alt.Axis(labelAngle=-55))
    )
    layers = [
        *interval_layers(base, axis, alt.Y, HERE),
        base.mark_point(filled=True, size=60, opacity=1, color=HERE).encode(
            y=axis.of(alt.Y, "rate"),
            description="kernel:N",
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
    order = list(dict.fromkeys(row.language_name for row in fastest_first(shown)))
    chart = (
        alt.layer(*layers, data=alt.Data(values=values))
        .properties(width=215, height=150)
        .facet(facet=alt.Facet("language:N", sort=order, title=None), columns=3)
    )
    return svg(chart)


def _ends(row: Row) -> tuple[float, float]:
    """Return the ends of the interval of a row's rate."""
    assert row.time is not None
    return rate_of(row, row.time.high), rate_of(row, row.time.low)


def rate_of(row: Row, seconds: float | None = None) -> float:
    """Return the rate of a row in GFLOPS, or the rate that it would have if its product took `seconds`."""
    assert row.time is not None and row.rate is not None
    return row.rate.gflops * row.time.value / (seconds or row.time.value)
