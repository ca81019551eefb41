"""Export pyperf's JSON, which `pyperf stats`, `pyperf compare_to` and its Python API read, in seconds."""

from __future__ import annotations

from typing import Any

from harness.export.series import Launch, Series, context_of, series_of
from harness.model.results import Results
from harness.model.sample import Sample

VERSION = "1.0"
"""Version of the format; pyperf refuses any other."""


def export(results: Results, samples: dict[str, list[Sample]]) -> dict[str, Any]:
    """Return a benchmark for each kernel, with a run for each launch, whose first call is the warm-up."""
    context = context_of(results)
    # pyperf's own names for the CPU and the number of processors
    metadata = {"cpu_model_name" if key == "cpu" else key: value for key, value in context.items()}
    metadata["cpu_count"] = results.record.host.processors
    return {
        "version": VERSION,
        "metadata": _known({**metadata, "unit": "second"}),
        "benchmarks": [_benchmark(series) for series in series_of(results, samples)],
    }


def _benchmark(series: Series) -> dict[str, Any]:
    metadata = {"name": series.name, "threads": series.row.threads, "toolchain": series.toolchain}
    if series.estimate:
        metadata |= {"estimated": series.estimate, "low_s": series.time.low, "high_s": series.time.high}
    return {"metadata": _known(metadata), "runs": [_run(launch) for launch in series.launches]}


def _run(launch: Launch) -> dict[str, Any]:
    duration = launch.wall_ns / 1e9 if launch.wall_ns is not None else None
    metadata = {"date": launch.started_at, "duration": duration, "mem_max_rss": launch.peak_rss_bytes}
    run = {"metadata": _known(metadata), "values": [time / 1e9 for time in launch.times_ns]}
    if launch.first_ns is not None:
        run["warmups"] = [[1, launch.first_ns / 1e9]]  # the number of loops, and the time
    return run


def _known(metadata: dict[str, Any]) -> dict[str, Any]:
    """Drop empty values: pyperf refuses a file with an empty string or with memory of 0 bytes."""
    return {key: value for key, value in metadata.items() if value not in (None, "", 0)}
