"""Export Bencher Metric Format, for `bencher run --adapter json`."""

from __future__ import annotations

from harness.export.series import Series, ns_of, series_of
from harness.model.results import Results
from harness.model.sample import Sample

Measures = dict[str, dict[str, float]]


def export(results: Results, samples: dict[str, list[Sample]]) -> dict[str, Measures]:
    """Return the measures of each kernel. A metric has one value and its bounds: the time and its interval.

    Bencher's units are nanoseconds for latency, bytes for file-size and seconds for build-time.
    """
    return {series.name: _measures(series) for series in series_of(results, samples)}


def _measures(series: Series) -> Measures:
    row = series.row
    latency = {"value": series.time.value, "lower_value": series.time.low, "upper_value": series.time.high}
    measures = {"latency": {key: ns_of(seconds) for key, seconds in latency.items() if seconds is not None}}
    # a launch of some rows takes less memory than one of all rows
    if row.memory.peak_rss_bytes is not None and not series.estimate:
        measures["peak-memory"] = {"value": row.memory.peak_rss_bytes}
    if row.build.artefact_bytes is not None:
        measures["file-size"] = {"value": row.build.artefact_bytes}
    if row.build.build_s is not None:
        measures["build-time"] = {"value": row.build.build_s}
    return measures
