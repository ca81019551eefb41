"""Draw the cost of a product against its time: a point a host."""

from __future__ import annotations

from collections.abc import Sequence

from harness.hosts.prices import Host, best_of, offers_of, value_of
from harness.report.charts.style import COLOURS, log_axis, span, svg

MAX_LABELLED = 12
"""Number of hosts up to which the points have names; more would lie on each other."""


def prices_chart(hosts: Sequence[Host], currency: str) -> str:
    """Draw each host's cheapest kernel; empty without two hosts that have a price."""
    import altair as alt

    best = [offer for host in hosts if (offer := best_of(offers_of(host))) and offer.cost]
    if len(best) < 2:
        return ""
    values = [{"host": offer.host, "seconds": offer.seconds.value, "cents": 100 * value_of(offer)} for offer in best]
    x = log_axis("seconds a product", *span([offer.seconds.value for offer in best]), room=1.5).of(alt.X, "seconds")
    y = log_axis(f"cents ({currency}) a product", *span([100 * value_of(offer) for offer in best]), room=1.2)
    base = alt.Chart(alt.Data(values=values)).encode(x=x, y=y.of(alt.Y, "cents"))
    layers = [base.mark_point(filled=True, size=70, opacity=1, color=COLOURS[0]).encode(description="host:N")]
    if len(best) <= MAX_LABELLED:
        layers.append(base.mark_text(align="left", dx=8, color="currentColor").encode(text="host:N"))
    return svg(alt.layer(*layers).properties(width=620, height=330))
