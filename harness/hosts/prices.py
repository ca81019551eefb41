"""Compute what a product costs on each host, and where it is cheapest. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.model.machine import HostInfo
from harness.model.result import Quantity, Row

S_PER_HOUR = 3600


@dataclass(frozen=True)
class Host:
    """A host with its run: the name that the user gave it, the machine, the price of an hour, and the rows.

    `disturbances` are what was noisy on the machine, each in a few words; `note` is the user's.
    """

    name: str
    run: str
    machine: HostInfo
    backend: str
    rows: tuple[Row, ...]
    baseline: str
    n: int
    peak_gflops: float | None = None
    price_per_hour: float | None = None
    note: str = ""
    disturbances: tuple[str, ...] = ()


@dataclass(frozen=True)
class Offer:
    """A kernel on a host: its row, and the cost of a product in the unit of money; None without a price."""

    host: str
    row: Row
    cost: Quantity | None

    @property
    def seconds(self) -> Quantity:
        """The time of a product."""
        assert self.row.time is not None
        return self.row.time

    @property
    def products(self) -> Quantity | None:
        """The number of products for one unit of money."""
        return inverse(self.cost) if self.cost else None

    @property
    def surely_within_s(self) -> float:
        """The time that a product surely does not exceed: the upper end of its interval."""
        return self.seconds.high if self.seconds.high is not None else self.seconds.value


def inverse(quantity: Quantity) -> Quantity:
    """Return 1 / quantity with its interval, whose ends change places."""
    low, high = quantity.low, quantity.high
    return Quantity(1 / quantity.value, 1 / high if high else None, 1 / low if low else None)


def offers_of(host: Host) -> list[Offer]:
    """Return every measured kernel of a host with its cost."""
    return [Offer(host.name, row, _cost(row, host.price_per_hour)) for row in host.rows if row.time]


def _cost(row: Row, price_per_hour: float | None) -> Quantity | None:
    """Return the price of the time of a product; that of an hour is known exactly, so the interval is the time's."""
    if price_per_hour is None or row.time is None:
        return None
    per_s, time = price_per_hour / S_PER_HOUR, row.time
    low, high = (end * per_s if end is not None else None for end in (time.low, time.high))
    return Quantity(time.value * per_s, low, high)


def value_of(offer: Offer) -> float:
    """Return the value by which offers are compared: the cost, or the time where no host has a price."""
    return offer.cost.value if offer.cost else offer.seconds.value


def best_of(offers: Iterable[Offer]) -> Offer | None:
    """Return the cheapest offer, or the fastest where no host has a price; an offer without a price is passed over."""
    offers = list(offers)
    priced = [offer for offer in offers if offer.cost]
    return min(priced or offers, key=value_of, default=None)


def ties_of(best: Offer, offers: Iterable[Offer]) -> list[Offer]:
    """Return the other hosts' offers of the same kernel whose interval meets that of the best."""

    def ends(offer: Offer) -> tuple[float, float]:
        quantity = offer.cost or offer.seconds
        low, high = quantity.low, quantity.high
        return (quantity.value if low is None else low, quantity.value if high is None else high)

    same = [offer for offer in offers if offer.row.kernel == best.row.kernel and offer.host != best.host]
    comparable = [offer for offer in same if (offer.cost is None) == (best.cost is None)]
    return [offer for offer in comparable if ends(offer)[0] <= ends(best)[1]]


@dataclass(frozen=True)
class KernelPrices:
    """A kernel on all hosts: where it is best, and the hosts that cannot be told from that."""

    kernel: str
    best: Offer
    ties: tuple[str, ...]
    hosts: int
    times_the_best: float


def by_kernel(offers: Sequence[Offer]) -> list[KernelPrices]:
    """Return each kernel with its best host, the best kernel first."""
    overall = best_of(offers)
    grouped: dict[str, list[Offer]] = {}
    for offer in offers:
        grouped.setdefault(offer.row.kernel, []).append(offer)
    table = []
    for kernel, own in grouped.items():
        best = best_of(own)
        if best is None or overall is None:
            continue
        ties = tuple(offer.host for offer in ties_of(best, own))
        comparable = (best.cost is None) == (overall.cost is None)
        times = value_of(best) / value_of(overall) if comparable else float("nan")
        table.append(KernelPrices(kernel, best, ties, len(own), times))
    return sorted(table, key=lambda prices: (prices.best.cost is None, value_of(prices.best)))


def frontier(offers: Iterable[Offer]) -> list[Offer]:
    """Return the offers that no other one beats in both time and cost, the fastest first.

    For any deadline, the cheapest offer is the last one of these that meets it. Only products that were measured whole
    can promise a time.
    """
    kept: list[Offer] = []
    whole = [offer for offer in offers if offer.cost and not offer.row.estimated]
    for offer in sorted(whole, key=lambda offer: (offer.surely_within_s, value_of(offer))):
        if not kept or value_of(offer) < value_of(kept[-1]):
            kept.append(offer)
    return kept


def cheapest_within(seconds: float, offers: Iterable[Offer]) -> Offer | None:
    """Return the cheapest offer whose product surely takes at most so long; None if there is none."""
    meeting = [offer for offer in frontier(offers) if offer.surely_within_s <= seconds]
    return meeting[-1] if meeting else None


@dataclass(frozen=True)
class LanguagePrice:
    """What a language costs: its naive kernel and its best one, relative to the best of all languages."""

    language: str
    naive: Offer | None
    best: Offer
    naive_times: float | None
    best_times: float


def by_language(offers: Sequence[Offer]) -> list[LanguagePrice]:
    """Return each language with what its naive and its best kernel cost, the cheapest first."""
    overall = best_of(offers)
    if overall is None:
        return []
    comparable = [offer for offer in offers if (offer.cost is None) == (overall.cost is None)]
    table = []
    for language in dict.fromkeys(offer.row.language_name for offer in comparable):
        own = [offer for offer in comparable if offer.row.language_name == language]
        best, naive = best_of(own), best_of(offer for offer in own if offer.row.variant == "naive")
        assert best is not None
        times = value_of(naive) / value_of(overall) if naive else None
        table.append(LanguagePrice(language, naive, best, times, value_of(best) / value_of(overall)))
    return sorted(table, key=lambda price: price.best_times)
