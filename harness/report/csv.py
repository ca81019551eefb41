"""Write results.csv (one line per kernel) and sizes.csv (one line per kernel and n, for a run with several n)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from harness.model.result import AtSize, Row
from harness.util.files import write_atomic
from harness.util.home import without_home

Value = str | int | float | bool | None

T = TypeVar("T")

COLUMNS: Mapping[str, Callable[[Row], Value]] = {
    "kernel": lambda row: row.kernel,
    "language": lambda row: row.language,
    "rung": lambda row: row.rung,
    "variant": lambda row: row.variant,
    "toolchain": lambda row: row.toolchain,
    "class": lambda row: row.category,
    "status": lambda row: row.status,
    "reason": lambda row: row.reason,
    "n": lambda row: row.n,
    "rows": lambda row: row.rows,
    "threads": lambda row: row.threads,
    "estimated": lambda row: row.estimated,
    "rounds": lambda row: row.rounds,
    "samples": lambda row: row.samples,
    "time_s": lambda row: row.time.value if row.time else None,
    "low_s": lambda row: row.time.low if row.time else None,
    "high_s": lambda row: row.time.high if row.time else None,
    "min_s": lambda row: row.min_s,
    "gflops": lambda row: row.rate.gflops if row.rate else None,
    "peak_share": lambda row: row.rate.peak_share if row.rate else None,
    "fma_peak_multiple": lambda row: row.rate.fma_peak_multiple if row.rate else None,
    "speedup": lambda row: row.speedup.value if row.speedup else None,
    "speedup_low": lambda row: row.speedup.low if row.speedup else None,
    "speedup_high": lambda row: row.speedup.high if row.speedup else None,
    "relative_to_c": lambda row: row.relative_to_c.value if row.relative_to_c else None,
    "relative_to_c_low": lambda row: row.relative_to_c.low if row.relative_to_c else None,
    "relative_to_c_high": lambda row: row.relative_to_c.high if row.relative_to_c else None,
    "rank": lambda row: row.rank,
    "steadiness": lambda row: row.variance.steadiness,
    "between_launches": lambda row: row.variance.between_launches,
    "within_launches": lambda row: row.variance.within_launches,
    "outliers": lambda row: row.variance.outliers,
    "verified": lambda row: row.verified,
    "build_s": lambda row: row.build.build_s,
    "start_s": lambda row: row.phases.start_s,
    "io_s": lambda row: row.phases.io_s,
    "first_call_s": lambda row: row.phases.first_call_s,
    "cpu_s": lambda row: row.phases.cpu_s,
    "processors": lambda row: row.phases.processors,
    "peak_rss_bytes": lambda row: row.memory.peak_rss_bytes,
    "huge_page_fraction": lambda row: row.memory.huge_page_fraction,
    "device": lambda row: row.device.name if row.device else None,
    "driver": lambda row: row.device.driver if row.device else None,
    "device_s": lambda row: row.device.time_s if row.device else None,
    "device_peak_share": lambda row: row.device.peak_share if row.device else None,
    "artefact_bytes": lambda row: row.build.artefact_bytes,
    "image_bytes": lambda row: row.build.image_bytes,
    "lines": lambda row: row.build.lines,
    "cycles_per_multiply_add": lambda row: row.cpu.per_step.get("cycles") if row.cpu else None,
    "instructions_per_multiply_add": lambda row: row.cpu.per_step.get("instructions") if row.cpu else None,
    "package_j": lambda row: row.energy.package_j if row.energy else None,
    "dram_j": lambda row: row.energy.dram_j if row.energy else None,
    "gpu_j": lambda row: row.energy.gpu_j if row.energy else None,
}
"""The columns of results.csv, and the value of each for a row."""

SIZE_COLUMNS: Mapping[str, Callable[[AtSize], Value]] = {
    "kernel": lambda size: size.kernel,
    "n": lambda size: size.n,
    "time_s": lambda size: size.time.value,
    "low_s": lambda size: size.time.low,
    "high_s": lambda size: size.time.high,
    "gflops": lambda size: size.gflops,
    "estimated": lambda size: size.estimated,
}
"""The columns of sizes.csv, and the value of each for a time."""


def write_csv(path: Path, rows: Iterable[Row]) -> None:
    """Write the rows in one step; an unknown value is an empty field. Raises OSError."""
    write_atomic(path, csv_text(rows))


def csv_text(rows: Iterable[Row]) -> str:
    """Return the content of results.csv."""
    return _text(COLUMNS, rows)


def write_sizes(path: Path, sizes: Iterable[AtSize]) -> None:
    """Write the times at every n in one step. Raises OSError."""
    write_atomic(path, sizes_text(sizes))


def sizes_text(sizes: Iterable[AtSize]) -> str:
    """Return the content of sizes.csv."""
    return _text(SIZE_COLUMNS, sizes)


def _text(columns: Mapping[str, Callable[[T], Value]], records: Iterable[T]) -> str:
    import pandas as pd

    lines = [[value(record) for value in columns.values()] for record in records]
    # as objects, whole numbers stay whole beside empty fields
    frame = pd.DataFrame(lines, columns=list(columns), dtype=object)
    return without_home(str(frame.to_csv(index=False, lineterminator="\n")))
