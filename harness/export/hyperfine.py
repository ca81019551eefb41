"""Export hyperfine's --export-json, which its plotting scripts and many trackers read, in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median, stdev
from typing import Any

from harness.export.series import Series, context_of, series_of
from harness.model.results import Results
from harness.model.sample import Sample


def export(results: Results, samples: dict[str, list[Sample]]) -> dict[str, Any]:
    """Return a result for each kernel. Its times are those of products; hyperfine's own are those of processes."""
    context = context_of(results)
    return {"results": [_result(series, context) for series in series_of(results, samples)]}


def _result(series: Series, context: dict[str, str | int]) -> dict[str, Any]:
    times = [time / 1e9 for time in series.times_ns]
    row = series.row
    parameters: dict[str, str | float | None] = {**context, "threads": row.threads, "toolchain": series.toolchain}
    if series.estimate:
        parameters |= {"estimated": series.estimate, "low_s": series.time.low, "high_s": series.time.high}
    return {
        **summary(series.name, times),
        # samples have only the sum of user and system time, and readers with types refuse null: the sum is in user
        "user": fmean(series.cpu_ns) / 1e9,
        "system": 0.0,
        "exit_codes": [0] * len(times),  # a launch with another exit status has no samples
        # all of hyperfine's parameters are strings
        "parameters": {key: str(value) for key, value in parameters.items() if value not in (None, "")},
    }


def summary(command: str, times_s: Sequence[float]) -> dict[str, Any]:
    """Return what a result of hyperfine has of its times, in seconds."""
    return {
        "command": command,
        "mean": fmean(times_s),
        "stddev": stdev(times_s) if len(times_s) > 1 else None,
        "median": median(times_s),
        "min": min(times_s),
        "max": max(times_s),
        "times": list(times_s),
    }
