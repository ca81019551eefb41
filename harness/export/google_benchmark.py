"""Export google-benchmark's --benchmark_format=json, which its tools/compare.py reads, in nanoseconds."""

from __future__ import annotations

from collections.abc import Callable
from statistics import fmean, median, stdev
from typing import Any

from harness.export.series import Series, context_of, name_of, ns_of, series_of
from harness.model.result import Row, Status
from harness.model.results import Results
from harness.model.sample import Sample

AGGREGATES: dict[str, tuple[Callable[[list[float]], float], str]] = {
    "mean": (fmean, "time"),
    "median": (median, "time"),
    "stddev": (stdev, "time"),
    "cv": (lambda values: stdev(values) / fmean(values), "percentage"),
}
"""google-benchmark's aggregates of repetitions: the function, and the unit. The standard deviation is the unbiased one
(Bessel's correction), as in google-benchmark; cv is the coefficient of variation."""


def export(results: Results, samples: dict[str, list[Sample]]) -> dict[str, Any]:
    """Return each call after warm-up as a repetition, then the aggregates; a kernel that failed is an error."""
    series_by_kernel = {series.row.kernel: series for series in series_of(results, samples)}
    benchmarks: list[dict[str, Any]] = []
    for index, row in enumerate(results.rows):
        if row.kernel in series_by_kernel:
            benchmarks += _benchmarks(series_by_kernel[row.kernel], index)
        elif row.status == Status.FAILED:
            benchmarks.append(_error(row, index))
    return {"context": _context(results), "benchmarks": benchmarks}


def _context(results: Results) -> dict[str, Any]:
    host = results.record.host
    context = {
        "date": results.record.started_at,
        "host_name": "",  # not stored, so that a run can be published
        "num_cpus": host.processors,
        "mhz_per_cpu": round(float(host.mhz_at_start or 0)),
        "cpu_scaling_enabled": host.governor not in ("", "performance"),
        "caches": [],
        "load_avg": [host.load_at_start],
        "library_build_type": "release",
        "json_schema_version": 1,
    }
    # google-benchmark treats all other keys as custom context, which is always strings
    return context | {key: str(value) for key, value in context_of(results).items()}


def _benchmarks(series: Series, index: int) -> list[dict[str, Any]]:
    times, cpu = series.times_ns, series.cpu_ns
    common = _common(series.name, series.row, index, len(times))
    attributes: dict[str, Any] = {"time_unit": "ns"}
    label = [part for part in (series.toolchain, series.estimate) if part]
    if label:
        attributes["label"] = "; ".join(label)
    if series.estimate and (bounds := series.time.interval):
        attributes |= {"low_ns": ns_of(bounds.low), "high_ns": ns_of(bounds.high)}
    benchmarks = [
        {
            "name": series.name,
            **common,
            "run_type": "iteration",
            "repetition_index": repetition,
            "iterations": 1,
            "real_time": time_ns,
            "cpu_time": cpu_ns,
            **attributes,
        }
        for repetition, (time_ns, cpu_ns) in enumerate(zip(times, cpu, strict=True))
    ]
    if len(times) > 1:
        benchmarks += [
            {
                "name": f"{series.name}_{name}",
                **common,
                "run_type": "aggregate",
                "aggregate_name": name,
                "aggregate_unit": unit,
                "iterations": len(times),
                "real_time": aggregate(times),
                "cpu_time": aggregate(cpu),
                **attributes,
            }
            for name, (aggregate, unit) in AGGREGATES.items()
        ]
    return benchmarks


def _error(row: Row, index: int) -> dict[str, Any]:
    """Return a failure as google-benchmark writes it, with times of 0, because compare.py requires times.

    compare.py ignores error_occurred. Under the kernel's usual name, it would report the failure as 100% faster than
    the kernel's last measurement, so the failure has a name of its own.
    """
    name = f"{name_of(row)} (failed)"
    return {
        "name": name,
        **_common(name, row, index, 1),
        "run_type": "iteration",
        "repetition_index": 0,
        "error_occurred": True,
        "error_message": row.reason,
        "iterations": 0,
        "real_time": 0.0,
        "cpu_time": 0.0,
        "time_unit": "ns",
    }


def _common(name: str, row: Row, index: int, repetitions: int) -> dict[str, Any]:
    return {
        "family_index": index,
        "per_family_instance_index": 0,
        "run_name": name,
        "repetitions": repetitions,
        "threads": row.threads,
    }
