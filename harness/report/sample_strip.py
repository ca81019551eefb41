"""Draw a kernel's samples in order, as dots and as text; without a chart library, since a page has hundreds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harness.model.sample import Purpose, Sample, launches_in
from harness.util.format import duration, significant, unit_of

WIDTH, HEIGHT, EDGE = 640, 72, 6


@dataclass(frozen=True)
class SampleStrip:
    """A kernel's launches: a strip of dots, the times at its lower and upper end, and each launch's times as text."""

    strip: Markup
    fastest: str
    slowest: str
    unit: str
    launches: list[str]


def sample_strip(samples: Sequence[Sample]) -> SampleStrip | None:
    """Return the strip of the measuring launches; None if there are none."""
    launches = list(launches_in(list(samples), Purpose.MEASURE).values())
    times = [sample.ns for launch in launches for sample in launch]
    if not times:
        return None
    unit, factor = unit_of(sorted(times)[len(times) // 2] / 1e9)
    lines = []
    for launch in launches:
        first = launch[0]
        part = f"{first.rows} rows from {first.row0 + 1}: " if first.rows < first.n else ""
        lines.append(part + " ".join(significant(sample.ns / 1e9 / factor) for sample in launch))
    return SampleStrip(_strip(launches), duration(min(times) / 1e9), duration(max(times) / 1e9), unit, lines)


def _strip(launches: Sequence[Sequence[Sample]]) -> Markup:
    """Draw dots on a log axis, in order from left to right, with gaps between launches; first calls are rings.

    The dots are zero-length strokes with round caps in two paths: a tenth of the size of an element for each dot.
    """
    logs = [math.log(sample.ns or 1) for launch in launches for sample in launch]
    low, span = min(logs), max(max(logs) - min(logs), 0.02)
    step = (WIDTH - 2 * EDGE) / max(1, len(logs) + len(launches) - 2)
    firsts: list[str] = []
    others: list[str] = []
    at = float(EDGE)
    for launch in launches:
        for index, sample in enumerate(launch):
            y = HEIGHT - EDGE - (math.log(sample.ns or 1) - low) / span * (HEIGHT - 2 * EDGE)
            (firsts if index == 0 and len(launch) > 1 else others).append(f"M{at:.4g} {y:.3g}h0")
            at += step
        at += step
    return Markup(
        f'<svg class="strip" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-hidden="true">'
        f'<path class="ring" d="{"".join(firsts)}"/><path class="hole" d="{"".join(firsts)}"/>'
        f'<path class="dot" d="{"".join(others)}"/></svg>'
    )
