"""Draw rate against n, a panel for each language."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.model.kernel import RUNGS
from harness.model.result import Row
from harness.report.climb import phrase

if TYPE_CHECKING:
    from harness.model.result import AtSize
from harness.report.charts.style import COLOURS, Axis, cycle, log_axis, span, svg


def sizes_chart(sizes: Sequence[AtSize], rows: Sequence[Row], caches: Sequence[str]) -> str:
    """A panel for each language: rate against n, a line for each rung, and where the matrices outgrow each cache."""
    import altair as alt

    if not sizes:
        return ""
    by_kernel = {row.kernel: row for row in rows}
    rungs = [phrase(rung) for rung in RUNGS if any(row.rung == rung for row in rows)]
    values = [
        {
            "n": one.n,
            "rate": one.gflops,
            "kernel": one.kernel,
            "language": by_kernel[one.kernel].language_name,
            "rung": phrase(by_kernel[one.kernel].rung),
        }
        for one in sizes
    ]
    ns = sorted({one.n for one in sizes})
    edges = [(name, n) for name, n in outgrown(caches) if ns[0] <= n <= ns[-1]]
    for value in values:
        value |= dict(edges)
    scale = alt.Scale(type="log", base=2, domain=[ns[0], ns[-1]], nice=False)
    across = Axis("n", scale, alt.Axis(values=ns, format="d", labelAngle=-55))
    x = across.of(alt.X, "n")
    y = log_axis("GFLOPS", *span([one.gflops for one in sizes]), room=1).of(alt.Y, "rate")
    colour = alt.Color("rung:N", scale=alt.Scale(domain=rungs, range=cycle(COLOURS, len(rungs))), title=None)
    dash = alt.StrokeDash("rung:N", scale=alt.Scale(domain=rungs, range=cycle(DASHES, len(rungs))), title=None)
    layers = [alt.Chart().mark_line(strokeWidth=2).encode(x=x, y=y, color=colour, strokeDash=dash, detail="kernel:N")]
    for name, _ in edges:
        edge = across.of(alt.X, name, aggregate="max")
        layers.append(alt.Chart().mark_rule(color="currentColor", opacity=0.5).encode(x=edge))
    fastest = sorted(sizes, key=lambda one: -one.gflops)
    order = list(dict.fromkeys(by_kernel[one.kernel].language_name for one in fastest))
    chart = (
        alt.layer(*layers, data=alt.Data(values=values))
        .properties(width=215, height=170)
        .facet(facet=alt.Facet("language:N", sort=order, title=None), columns=3)
    )
    return svg(chart)


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
