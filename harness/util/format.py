"""Numbers as people read them: three significant figures, times in the unit that fits."""

from __future__ import annotations

import math


def significant(value: float, digits: int = 3) -> str:
    """`value` with three significant figures, no exponent, thousands separated: 61,900, 0.0123, 5.00."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    places = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    # rounding may have added a digit in front: 999.9 becomes 1,000
    places = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    return f"{rounded:,.{places}f}"


def duration(seconds: float) -> str:
    """A time: '5 h 21 min', '2 min 03 s', '31.2 ms'."""
    if seconds >= 3600:
        minutes = round(seconds / 60)
        return f"{minutes // 60:,} h {minutes % 60:02d} min"
    if seconds >= 120:
        whole = round(seconds)
        return f"{whole // 60} min {whole % 60:02d} s"
    unit, factor = unit_of(seconds)
    return f"{significant(seconds / factor)} {unit}"


def unit_of(seconds: float) -> tuple[str, float]:
    """The unit that a time below two minutes is given in, and how many seconds it has."""
    return next((found for found in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)) if seconds >= found[1]), ("ns", 1e-9))


def size(count: float) -> str:
    """A number of bytes, in binary units."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024 or unit == "GiB":
            return f"{significant(count) if unit != 'B' else int(count)} {unit}"
        count /= 1024
    raise AssertionError


def percent(share: float, digits: int = 3) -> str:
    """A share of one, in percent with significant figures, never an exponent."""
    return f"{significant(share * 100, digits)}%"


def spread(value: float, low: float | None, high: float | None) -> str:
    """An interval by how far it reaches on either side: '−1.2% +3.4%'; empty where there is none."""
    if low is None or high is None:
        return ""
    below, above = 100 * (1 - low / value), 100 * (high / value - 1)
    # the farther end has two significant figures, the nearer one as many places: no '−0.0099% +12%'
    places = max(0, 1 - math.floor(math.log10(max(below, above, 1e-3))))
    return f"−{below:.{places}f}% +{above:.{places}f}%"
