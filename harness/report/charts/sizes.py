"""Draw rate against n, one panel per language."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from harness.model.kernel import RUNGS
from harness.model.result import AtSize, Row
from harness.report.charts.style import COLOURS, Axis, cycle, log_axis, span, svg
from harness.report.climb import phrase


def sizes_chart(sizes: Sequence[AtSize], rows: Sequence[Row], caches: Sequence[str]) -> str:
    """Draw rate against n, one panel per language and a line per rung; vertical lines show the sizes of the caches."""
    import altair as alt

    if not sizes:
        return ""
    by_kernel = {row.kernel: row for row in rows}
    rungs = [phrase(rung) for rung in RUNGS if any(row.rung == rung for row in rows)]
    values = [
        {
            "n": at_size.n,
            "rate": at_size.gflops,
            "kernel": at_size.kernel,
            "language": by_kernel[at_size.kernel].language_name,
            "rung": phrase(by_kernel[at_size.kernel].rung),
        }
        for at_size in sizes
    ]
    ns = sorted({at_size.n for at_size in sizes})
    edges = [(name, n) for name, n in outgrown(caches) if ns[0] <= n <= ns[-1]]
    for value in values:
        value |= dict(edges)
    scale = alt.Scale(type="log", base=2, domain=[ns[0], ns[-1]], nice=False)
    across = Axis("n", scale, alt.Axis(values=ns, format="d", labelAngle=-55))
    x = across.of(alt.X, "n")
    y = log_axis("GFLOPS", *span([at_size.gflops for at_size in sizes]), room=1).of(alt.Y, "rate")
    colour = alt.Color("rung:N", scale=alt.Scale(domain=rungs, range=cycle(COLOURS, len(rungs))), title=None)
    dash = alt.StrokeDash("rung:N", scale=alt.Scale(domain=rungs, range=cycle(DASHES, len(rungs))), title=None)
    layers = [alt.Chart().mark_line(strokeWidth=2).encode(x=x, y=y, color=colour, strokeDash=dash, detail="kernel:N")]
    for name, _ in edges:
        edge = across.of(alt.X, name, aggregate="max")
        layers.append(alt.Chart().mark_rule(color="currentColor", opacity=0.5).encode(x=edge))
    fastest = sorted(sizes, key=lambda at_size: -at_size.gflops)
    order = list(dict.fromkeys(by_kernel[at_size.kernel].language_name for at_size in fastest))
    chart = (
        alt.layer(*layers, data=alt.Data(values=values))
        .properties(width=215, height=170)
        .facet(facet=alt.Facet("language:N", sort=order, title=None), columns=3)
    )
    return svg(chart)


DASHES = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2])
"""Dash patterns of the rungs' lines, in pixels of line and gap, so that they differ without colour."""


def outgrown(caches: Sequence[str]) -> list[tuple[str, int]]:
    """Return the n from which three n x n matrices of doubles exceed each cache: sqrt(bytes / 24).

    `caches` are descriptions such as "L2 1024K".
    """
    sizes = []
    for cache in caches:
        match = re.fullmatch(r"(L[1-4]d?) (\d+)([KM])", cache)
        if match:
            cache_bytes = int(match[2]) * (2**10 if match[3] == "K" else 2**20)
            sizes.append((match[1], math.isqrt(cache_bytes // 24)))
    return sizes
