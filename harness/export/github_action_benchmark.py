"""Export the input of github-action-benchmark with `tool: customSmallerIsBetter`, in seconds."""

from __future__ import annotations

from typing import Any

from harness.export.series import Series, context_of, series_of
from harness.model.results import Results
from harness.model.sample import Sample


def export(results: Results, samples: dict[str, list[Sample]]) -> list[dict[str, Any]]:
    """Return an entry for each kernel. An entry has one value and its range: the time and its interval."""
    context = context_of(results)
    return [_entry(series, context) for series in series_of(results, samples)]


def _entry(series: Series, context: dict[str, str | int]) -> dict[str, Any]:
    row = series.row
    entry: dict[str, Any] = {"name": series.name, "unit": "s", "value": series.time.value}
    if bounds := series.time.interval:
        half_width = _half_width(bounds.value, bounds.low, bounds.high)
        entry["range"] = f"± {half_width:.6g}"  # the action's charts expect a number here, in the unit of the value
    extra = {**context, "threads": row.threads, "toolchain": series.toolchain}
    lines = [f"{key}: {value}" for key, value in extra.items() if value]
    entry["extra"] = "\n".join([series.estimate, *lines] if series.estimate else lines)
    return entry


def _half_width(value: float, low: float, high: float) -> float:
    """Return the longer side of an interval, which need not be symmetric, so that the range includes both ends."""
    return max(high - value, value - low)
