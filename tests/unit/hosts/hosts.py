"""Build hosts with priced kernels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.hosts.prices import Host
from harness.model.result import Rate
from tests import factories


def host(name: str, times_s: Mapping[str, float], price: float | None = None, **fields: Any) -> Host:
    """Return a host whose kernels took these times, plus or minus 2%."""
    rows = tuple(
        factories.timed_row(kernel, seconds, rate=Rate(100 / seconds, 0.5), estimated=seconds > 1000)
        for kernel, seconds in times_s.items()
    )
    defaults: dict[str, Any] = {
        "run": "20260102T030405Z-beef",
        "machine": factories.host(),
        "backend": "native",
        "baseline": "python/naive",
        "n": 4096,
    }
    return Host(name=name, rows=rows, price_per_hour=price, **(defaults | fields))


def two_hosts() -> list[Host]:
    """Return a fast host, and one that takes three times as long for a tenth of the price."""
    return [
        host("fast", {"python/naive": 6000.0, "c/naive": 100.0, "c/packed": 1.0}, 3.6),
        host("cheap", {"python/naive": 18000.0, "c/naive": 300.0, "c/packed": 3.0}, 0.36),
    ]
