"""Draw the roofline: the rate of each kernel below the measured limits of memory and of the vector units.

Williams, Waterman and Patterson 2009, Roofline: An Insightful Visual Performance Model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from harness.model.counts import RunCounts
from harness.model.machine import Peak
from harness.model.result import Row
from harness.report.charts.style import by_language, log_axis, span, svg
from harness.util.format import significant

OPERATIONS = 2
"""Floating-point operations of a multiply-add."""


class _RoofPoint(NamedTuple):
    """A corner or an end of a roof; `rate` is in GFLOPS."""

    intensity: float
    rate: float
    threads: str


def intensity(row: Row, counts: RunCounts) -> float | None:
    """Return the operations of a kernel for a byte of its simulated traffic with memory.

    None where nothing was counted, where it was at an n whose matrices fit into the last level, and without traffic.
    """
    known = counts.of(row.kernel)
    if known is None or known.how is None or known.how.fits:
        return None
    per_step = known.per_step
    return OPERATIONS / per_step.bytes_moved if per_step and per_step.bytes_moved > 0 else None


def roofline_chart(rows: Sequence[Row], peak: Peak | None, counts: RunCounts) -> str:
    """Draw the rate of each counted kernel, and the rates that memory and the vector units allow at each intensity."""
    import altair as alt

    shown = [(row, row.rate.gflops, at) for row in rows if row.rate and (at := intensity(row, counts))]
    if not shown or peak is None or not peak.memory_gbs:
        return ""
    languages = sorted({row.language_name for row, _, _ in shown})
    values = [
        {"intensity": at, "rate": rate, "language": row.language_name, "kernel": row.kernel} for row, rate, at in shown
    ]
    intensities = [at for _, _, at in shown]
    corners = [gflops / memory for _, gflops, memory in _limits(peak)]
    left, right = min([*intensities, *corners]) / 2, max([*intensities, *corners]) * 3
    roofs, names = _roofs(peak, left, right)
    rates = [*(rate for _, rate, _ in shown), *(point.rate for point in roofs)]
    title = "floating-point operations for a byte from memory, simulated"
    x = log_axis(title, left, right, room=1, whole=False).of(alt.X, "intensity")
    y = log_axis("GFLOPS", *span(rates), room=1.5).of(alt.Y, "rate")
    colour, shape = by_language(alt, languages)
    chart = alt.layer(
        alt.Chart(alt.Data(values=[point._asdict() for point in roofs]))
        .mark_line(color="currentColor", strokeWidth=1.5)
        .encode(x=x, y=y, detail="threads:N", strokeDash=alt.StrokeDash("threads:N", legend=None)),
        alt.Chart(alt.Data(values=names))
        .mark_text(align="right", dx=-8, dy=-7, fontSize=11, color="currentColor")
        .encode(x=x, y=y, text="label:N"),
        alt.Chart(alt.Data(values=values))
        .mark_point(filled=True, size=60, opacity=1)
        .encode(x=x, y=y, color=colour, shape=shape, description="kernel:N"),
    ).properties(width=620, height=330)
    return svg(chart)


def _limits(peak: Peak) -> list[tuple[str, float, float]]:
    """Return the name, GFLOPS and GB/s of each roof: of each number of threads, and of each device."""
    threads = [
        (f"{threads} thread{'s' if threads > 1 else ''}", gflops, peak.memory_gbs[threads])
        for threads, gflops in sorted(peak.gflops.items())
        if threads in peak.memory_gbs
    ]
    return threads + [(device.device, device.best_gflops, device.memory_gbs) for device in peak.devices.values()]


def _roofs(peak: Peak, left: float, right: float) -> tuple[list[_RoofPoint], list[dict[str, float | str]]]:
    """Return the ends and corners of each roof, and their names at the right end."""
    roofs: list[_RoofPoint] = []
    names: list[dict[str, float | str]] = []
    for name, gflops, memory in _limits(peak):
        for at in (left, gflops / memory, right):
            roofs.append(_RoofPoint(at, min(gflops, at * memory), name))
        label = f"{name}: {significant(gflops)} GFLOPS, {significant(memory)} GB/s"
        names.append({"intensity": right, "rate": gflops, "label": label})
    return roofs, names
