"""Format numbers for readers: three significant figures, times in a suitable unit."""

from __future__ import annotations

import math


def significant(value: float, digits: int = 3) -> str:
    """Return `value` with three significant figures, without exponent, thousands separated: 61,900, 0.0123, 5.00."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    places = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    # rounding can add a digit in front: 999.9 becomes 1,000
    places = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    return f"{rounded:,.{places}f}"


def duration(seconds: float) -> str:
    """Return a time such as '5 h 21 min', '2 min 03 s' or '31.2 ms'."""
    if seconds >= 3600:
        minutes = round(seconds / 60)
        return f"{minutes // 60:,} h {minutes % 60:02d} min"
    if seconds >= 120:
        whole = round(seconds)
        return f"{whole // 60} min {whole % 60:02d} s"
    unit, factor = unit_of(seconds)
    return f"{significant(seconds / factor)} {unit}"


def about(seconds: float) -> str:
    """Return a time to about two significant figures, such as '4 h 50 min', '12 min' or '2.1 s'."""
    if (step_s := next((step for least, step in _ROUND_STEPS_S if seconds >= least), None)) is not None:
        text = duration(round(seconds / step_s) * step_s)
        return text.removesuffix(" 00 min").removesuffix(" 00 s")
    rounded = float(f"{seconds:.2g}")
    unit, factor = unit_of(rounded)
    return f"{significant(rounded / factor, 2)} {unit}"


_ROUND_STEPS_S = ((36_000, 3600), (3600, 600), (600, 60), (120, 10))
"""Minimum times with the step to which about() rounds them, in seconds, longest first."""

UNITS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6))
"""Units of time with their seconds, largest first; shorter times are in ns."""


def unit_of(seconds: float) -> tuple[str, float]:
    """Return the unit for a time below two minutes, and the seconds in that unit."""
    return next(((unit, factor) for unit, factor in UNITS if seconds >= factor), ("ns", 1e-9))


def size(count: float) -> str:
    """Return a number of bytes in binary units."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024 or unit == "GiB":
            return f"{significant(count) if unit != 'B' else int(count)} {unit}"
        count /= 1024
    raise AssertionError


def percent(fraction: float, digits: int = 3) -> str:
    """Return a fraction of 1 in percent, with significant figures and without exponent."""
    return f"{significant(fraction * 100, digits)}%"


def spread(value: float, low: float | None, high: float | None) -> str:
    """Return the distances of an interval's ends from its value, as '−1.2% +3.4%'; empty without an interval."""
    if low is None or high is None:
        return ""
    below, above = 100 * (1 - low / value), 100 * (high / value - 1)
    # two significant figures for the farther end, the same places for the nearer: '−0% +12%', not '−0.0099% +12%'
    places = max(0, 1 - math.floor(math.log10(max(below, above, 1e-3))))
    return f"−{below:.{places}f}% +{above:.{places}f}%"
