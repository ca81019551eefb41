"""hyperfine's --export-json, which its plotting scripts and many trackers read: seconds."""

from __future__ import annotations

from statistics import fmean, median, stdev
from typing import Any

from harness.export.series import Series, context_of, series_of
from harness.model.result import Results
from harness.model.sample import Sample


def export(results: Results, samples: dict[str, list[Sample]]) -> dict[str, Any]:
    """A result for each kernel; its times are those of single products, where hyperfine's own are of processes."""
    context = context_of(results)
    return {"results": [_result(series, context) for series in series_of(results, samples)]}


def _result(series: Series, context: dict[str, str | int]) -> dict[str, Any]:
    times = [time / 1e9 for time in series.times_ns]
    row = series.row
    parameters: dict[str, str | float | None] = {**context, "threads": row.threads, "toolchain": series.toolchain}
    if series.estimate:
        parameters |= {"estimated": series.estimate, "low_s": series.time.low, "high_s": series.time.high}
    return {
        "command": series.name,
        "mean": fmean(times),
        "stddev": stdev(times) if len(times) > 1 else None,
        "median": median(times),
        # samples have user and system time as one sum, and typed readers refuse null: all of it stands under user
        "user": fmean(series.cpu_ns) / 1e9,
        "system": 0.0,
        "min": min(times),
        "max": max(times),
        "times": times,
        "exit_codes": [0] * len(times),  # a launch that ended otherwise has no samples
        # hyperfine's are strings, whatever they mean
        "parameters": {key: str(value) for key, value in parameters.items() if value not in (None, "")},
    }
