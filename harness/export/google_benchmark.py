"""google-benchmark's --benchmark_format=json, which its tools/compare.py reads: nanoseconds."""

from __future__ import annotations

from collections.abc import Callable
from statistics import fmean, median, stdev
from typing import Any

from harness.export.series import Series, context_of, name_of, ns_of, series_of
from harness.model.result import Results, Row, Status
from harness.model.sample import Sample

AGGREGATES: dict[str, tuple[Callable[[list[float]], float], str]] = {
    "mean": (fmean, "time"),
    "median": (median, "time"),
    "stddev": (stdev, "time"),
    "cv": (lambda values: stdev(values) / fmean(values), "percentage"),
}


def export(results: Results, samples: dict[str, list[Sample]]) -> dict[str, Any]:
    """Each steady call as a repetition of its kernel, then the aggregates; a kernel that failed is an error."""
    found = {series.row.kernel: series for series in series_of(results, samples)}
    benchmarks: list[dict[str, Any]] = []
    for index, row in enumerate(results.rows):
        if row.kernel in found:
            benchmarks += _benchmarks(found[row.kernel], index)
        elif row.status == Status.FAILED:
            benchmarks.append(_error(row, index))
    return {"context": _context(results), "benchmarks": benchmarks}


def _context(results: Results) -> dict[str, Any]:
    host = results.record.host
    context = {
        "date": results.record.started_at,
        "host_name": "",  # not kept: a run can be published as it is
        "num_cpus": host.processors,
        "mhz_per_cpu": round(float(host.mhz_at_start or 0)),
        "cpu_scaling_enabled": host.governor not in ("", "performance"),
        "caches": [],
        "load_avg": [host.load_at_start],
        "library_build_type": "release",
        "json_schema_version": 1,
    }
    # whatever else stands here is custom context to google-benchmark, always strings
    return context | {key: str(value) for key, value in context_of(results).items()}


def _benchmarks(series: Series, index: int) -> list[dict[str, Any]]:
    times, cpu = series.times_ns, series.cpu_ns
    common = _common(series.name, series.row, index, len(times))
    rest: dict[str, Any] = {"time_unit": "ns"}
    label = [part for part in (series.toolchain, series.estimate) if part]
    if label:
        rest["label"] = "; ".join(label)
    if series.estimate and (bounds := series.time.interval):
        rest |= {"low_ns": ns_of(bounds.low), "high_ns": ns_of(bounds.high)}
    found = [
        {
            "name": series.name,
            **common,
            "run_type": "iteration",
            "repetition_index": repetition,
            "iterations": 1,
            "real_time": time_ns,
            "cpu_time": cpu_ns,
            **rest,
        }
        for repetition, (time_ns, cpu_ns) in enumerate(zip(times, cpu, strict=True))
    ]
    if len(times) > 1:
        found += [
            {
                "name": f"{series.name}_{name}",
                **common,
                "run_type": "aggregate",
                "aggregate_name": name,
                "aggregate_unit": unit,
                "iterations": len(times),
                "real_time": of(times),
                "cpu_time": of(cpu),
                **rest,
            }
            for name, (of, unit) in AGGREGATES.items()
        ]
    return found


def _error(row: Row, index: int) -> dict[str, Any]:
    """A failure as google-benchmark writes one, with times of 0 that compare.py cannot do without.

    compare.py ignores error_occurred, and would show them as 100% faster than the kernel's last measurement: that
    has another name.
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
