"""Test what a product costs on each host, and where it is cheapest."""

from __future__ import annotations

import pytest

from harness.hosts.prices import (
    best_of,
    by_kernel,
    by_language,
    cheapest_within,
    frontier,
    inverse,
    offers_of,
    ties_of,
)
from harness.model.result import Quantity
from tests.unit.hosts.hosts import host, two_hosts


def offers(hosts=None):
    return [offer for one in (hosts or two_hosts()) for offer in offers_of(one)]


def test_cost_is_the_price_of_the_time_with_its_interval():
    [offer] = offers([host("a", {"c/packed": 10.0}, 3.6)])

    assert offer.cost.value == pytest.approx(0.01)
    assert (offer.cost.low, offer.cost.high) == pytest.approx((0.0098, 0.0102))
    assert offer.products.value == pytest.approx(100)
    assert offer.products.low == pytest.approx(1 / 0.0102)


def test_an_inverse_without_interval_has_none():
    assert inverse(Quantity(4.0)) == Quantity(0.25, None, None)


def test_the_cheapest_is_not_the_fastest():
    assert (best_of(offers()).host, best_of(offers()).row.kernel) == ("cheap", "c/packed")


def test_without_prices_the_fastest_is_best():
    best = best_of(offers([host("a", {"c/packed": 2.0}), host("b", {"c/packed": 1.0})]))

    assert best.host == "b" and best.cost is None


def test_a_host_without_a_price_is_never_the_cheapest():
    best = best_of(offers([host("free", {"c/packed": 0.1}), host("priced", {"c/packed": 1.0}, 100.0)]))

    assert best.host == "priced"


def test_hosts_whose_intervals_meet_cannot_be_told_apart():
    found = offers([host(name, {"c/packed": time}, 1.0) for name, time in (("a", 1.0), ("b", 1.03), ("c", 1.2))])

    assert [offer.host for offer in ties_of(best_of(found), found)] == ["b"]


def test_for_a_deadline_the_cheapest_that_surely_meets_it():
    found = offers()

    assert [offer.host for offer in frontier(found)] == ["fast", "cheap"]
    assert cheapest_within(2.0, found).host == "fast"
    assert cheapest_within(3.05, found).host == "fast"  # the interval of the cheap one ends at 3.06
    assert cheapest_within(3.07, found).host == "cheap"
    assert cheapest_within(0.5, found) is None


def test_an_estimate_promises_no_time():
    assert frontier(offers([host("a", {"python/naive": 6000.0}, 1.0)])) == []


def test_what_a_slow_language_costs_is_relative_to_the_cheapest_of_all():
    python, c = sorted(by_language(offers()), key=lambda price: -price.best_times)

    assert (python.language, c.language) == ("Python", "C")
    assert python.naive_times == pytest.approx(6000) and c.naive_times == pytest.approx(100)
    assert c.best_times == 1


def test_each_kernel_has_its_best_host_and_its_price_beside_the_best():
    first, *_, last = by_kernel(offers())

    assert (first.kernel, first.best.host, first.hosts, first.times_the_best) == ("c/packed", "cheap", 2, 1)
    assert (last.kernel, last.times_the_best) == ("python/naive", pytest.approx(6000))
