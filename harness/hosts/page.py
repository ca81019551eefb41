"""Render the hosts as one page, from the report's own parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.hosts.chart import prices_chart
from harness.hosts.prices import (
    Host,
    Offer,
    best_of,
    by_kernel,
    by_language,
    cheapest_within,
    frontier,
    offers_of,
    ties_of,
)
from harness.model.kernel import RUNGS
from harness.model.result import Quantity
from harness.report.render import environment
from harness.util.chip import chip_name, count_processors
from harness.util.format import duration, significant, size
from harness.util.home import without_home

DIGITS = 3
"""Significant figures of an amount of money."""

MAX_LISTED = 5
"""Hosts or disturbances that are listed by name in one cell or sentence."""


def page(hosts: Sequence[Host], currency: str, deadline_s: float | None = None) -> str:
    """Return the HTML page."""
    template = environment().get_template("hosts.html.j2")  # before the chart, whose library it prepares
    offers = [offer for host in hosts for offer in offers_of(host)]
    best = best_of(offers)
    context = {
        "hosts": [_machine(host) for host in hosts],
        "priced": any(host.price_per_hour for host in hosts),
        "currency": currency or "unit of money",
        "n": hosts[0].n,
        "headline": headline(offers, hosts[0].n, currency),
        "sentences": sentences(offers, currency, deadline_s),
        "offers": offers,
        "skipped": [(host.name, row) for host in hosts for row in host.rows if row.time is None],
        "kernels": by_kernel(offers),
        "languages": by_language(offers),
        "frontier": frontier(offers),
        "best": best,
        "chart": prices_chart(hosts, currency or "unit of money"),
        "cents": cents,
        "listed": listed,
        "names": sorted(host.name for host in hosts),
        "language_names": sorted({offer.row.language_name for offer in offers}),
        "rungs": [rung for rung in RUNGS if any(offer.row.rung == rung for offer in offers)],
    }
    return without_home(template.render(context))


def headline(offers: Sequence[Offer], n: int, currency: str) -> str:
    """Return in a sentence which host gives the most of this work."""
    best = best_of(offers)
    product = f"product of two {n} × {n} matrices of doubles"
    if best is None:
        return "No kernel was measured on any host."
    what = f"{best.host} with {best.row.kernel}"
    if best.products is None:
        return f"The fastest {product} is that of {what}: {duration(best.seconds.value)}."
    many, unit = significant(best.products.value), currency or "unit of money"
    return f"The cheapest {product} is that of {what}: {many} for one {unit}."


def sentences(offers: Sequence[Offer], currency: str, deadline_s: float | None) -> list[str]:
    """Return what stands beside the headline: equal hosts, what slow languages cost, and the deadline."""
    best = best_of(offers)
    if best is None:
        return []
    said = []
    if ties := ties_of(best, offers):
        said.append(f"{listed([offer.host for offer in ties])} cannot be told from {best.host}: their intervals meet.")
    naive = [price for price in by_language(offers) if price.naive and price.naive_times]
    if naive:
        dearest = max(naive, key=lambda price: price.naive_times or 0)
        assert dearest.naive is not None and dearest.naive_times is not None
        verb = "costs" if best.cost else "takes"
        said.append(
            f"Naive {dearest.language} {verb} {significant(dearest.naive_times)} times "
            f"{'the price' if best.cost else 'the time'} of {best.row.kernel}, each where it is "
            f"{'cheapest' if best.cost else 'fastest'}."
        )
    if deadline_s is not None:
        said.append(_deadline(offers, deadline_s, currency))
    return said


def _deadline(offers: Sequence[Offer], deadline_s: float, currency: str) -> str:
    within = f"Within {duration(deadline_s)} a product"
    offer = cheapest_within(deadline_s, offers)
    if offer is None or offer.cost is None:
        return f"{within}: no kernel that was measured whole on a host with a price is surely so fast."
    return f"{within}, the cheapest is {offer.host} with {offer.row.kernel}: {cents(offer.cost)} cents ({currency})."


def cents(cost: Quantity) -> str:
    """Return an amount of money in hundredths of its unit, with its interval."""
    value = significant(100 * cost.value, DIGITS)
    if cost.low is None or cost.high is None:
        return value
    return f"{value} ({significant(100 * cost.low, DIGITS)} – {significant(100 * cost.high, DIGITS)})"


def listed(names: Sequence[str]) -> str:
    """Return names as a list that ends with a number where they are many."""
    if len(names) > MAX_LISTED:
        return f"{', '.join(names[:MAX_LISTED])} and {len(names) - MAX_LISTED} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else list(names))


def _machine(host: Host) -> dict[str, Any]:
    machine = host.machine
    return {
        "host": host,
        "chip": chip_name(machine),
        "processors": count_processors(machine),
        "memory": size(machine.memory_bytes),
        "kind": "virtual" if machine.hypervisor else "not virtual",
        "governor": machine.governor or "unknown",
        "measured": sum(row.time is not None for row in host.rows),
        "noise": "; ".join(host.disturbances[:MAX_LISTED]) or "nothing",
    }
