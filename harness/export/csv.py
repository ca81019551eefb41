"""results.csv: a line a kernel."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from harness.files import write_atomic
from harness.model import Row

COLUMNS = [
    "kernel",
    "language",
    "rung",
    "class",
    "status",
    "reason",
    "n",
    "rows",
    "threads",
    "estimated",
    "samples",
    "median_s",
    "low_s",
    "high_s",
    "min_s",
    "gflops",
    "peak_share",
    "speedup",
    "speedup_low",
    "speedup_high",
    "rank",
    "steadiness",
    "between_launches",
    "within_launches",
    "outliers",
    "verified",
    "build_s",
    "start_s",
    "load_s",
    "first_s",
    "cpu_s",
    "processors",
    "peak_rss_bytes",
    "huge_share",
    "artefact_bytes",
    "image_bytes",
    "lines",
]


def write_csv(path: Path, rows: list[Row]) -> None:
    """Write the rows in one step; what is not known is an empty field. Raises OSError."""
    import pandas as pd

    records = [asdict(row) | {"class": row.kind} for row in rows]
    frame = pd.DataFrame.from_records(records, columns=COLUMNS)
    for column in ("peak_rss_bytes", "artefact_bytes", "image_bytes", "lines"):
        frame[column] = frame[column].astype("Int64")  # whole numbers stay whole beside empty fields
    write_atomic(path, frame.to_csv(index=False, lineterminator="\n"))
