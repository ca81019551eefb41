"""Draw a series of steps: the speed of each relative to the first, beside that in the paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.model.result import Row
from harness.report.charts.style import HERE, THERE, Frame, interval_layers, log_axis, svg
from harness.report.climb import Step
from harness.util.format import duration, significant


def climb_chart(steps: Sequence[Step]) -> str:
    """Draw each step's speed-up over the first and over the step before, and the paper's, if any, in the same rows."""
    import altair as alt

    if not steps:
        return ""
    order = [step.label for step in steps]
    times = [step.times for step in steps] + [step.paper.speedup for step in steps if step.paper]
    frame = Frame.of([1.0, *times], [end for step in steps for end in (step.low, step.high)])

    def panel(
        values: list[dict[str, Any]], title: str, width: int, room: float, look: tuple[str, str], rows: Any
    ) -> Any:
        axis = log_axis(title, frame.first, frame.last, room, every=1 if width > 400 else 2)
        shape, colour = look
        rows = alt.Y("step:N", sort=order, title=None, scale=alt.Scale(domain=order), axis=rows)
        base = alt.Chart(alt.Data(values=values)).encode(y=rows)
        return alt.layer(
            *interval_layers(base, axis, alt.X, colour),
            base.mark_point(filled=True, size=80, opacity=1, shape=shape, color=colour).encode(
                x=axis.of(alt.X, "times"), description="kernel:N"
            ),
            base.mark_text(align="left", dx=10, fontSize=12, color="currentColor").encode(
                x=axis.of(alt.X, "high"), text="label:N"
            ),
        ).properties(width=width, height=alt.Step(28))

    here = [
        {
            "step": step.label,
            "kernel": step.row.kernel,
            "times": step.times,
            "label": _step(step.factor, _time(step.row)),
            **frame.cut(step.low, step.high),
        }
        for step in steps
    ]
    chart = panel(
        here, "times as fast as the first, here", 480, 20, ("circle", HERE), alt.Axis(labelLimit=260, grid=True)
    )
    there = [
        {
            "step": step.label,
            "kernel": "",
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
    return svg(chart)


def _time(row: Row) -> str:
    assert row.time is not None
    return duration(row.time.value) + (", est." if row.estimated else "")


def _step(factor: float | None, time: str) -> str:
    return f"× {significant(factor)} ({time})" if factor else time
