"""Export the Go benchmark format, which benchstat and the tools around it read, in nanoseconds."""

from __future__ import annotations

from harness.export.series import Series, context_of, series_of
from harness.model.results import Results
from harness.model.sample import Sample

COMPARED_ON = ("cpu", "chip", "backend")
"""The properties that are keys of the file. benchstat puts benchmarks into tables of their own where a key differs, so
that times of two CPUs are never compared. The other properties are comments: what has another run is to be compared."""


def export(results: Results, samples: dict[str, list[Sample]]) -> str:
    """Return a line for each call after warm-up. The suffix of a name is the number of threads, as in Go."""
    context = context_of(results)
    keys = [f"{key}: {_one_line(context[key])}" for key in COMPARED_ON if key in context]
    comments = [f"# {key}: {_one_line(value)}" for key, value in context.items() if key not in COMPARED_ON]
    lines = [*comments, *keys]
    for series in series_of(results, samples):
        about = ", ".join(filter(None, [series.toolchain, series.estimate]))
        lines += ["", *([f"# {series.name}: {about}"] if about else [])]
        lines += [f"{_name(series)} 1 {time_ns:.15g} ns/op" for time_ns in series.times_ns]
    return "\n".join(lines) + "\n"


def _name(series: Series) -> str:
    """Return a name whose parts benchstat can put into rows and columns, such as `-row /rung -col /language`.

    Names of the format have no spaces.
    """
    row = series.row
    estimated = f"/estimated={row.rows}-of-{row.n}-rows" if series.estimate else ""
    return f"BenchmarkProduct/language={row.language}/rung={row.variant}/n={row.n}{estimated}-{row.threads}"


def _one_line(value: str | int) -> str:
    return " ".join(str(value).split())
