"""results.csv: a line a kernel. sizes.csv: a line a kernel and n, of a run that has several."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from harness.model.result import Row
from harness.util.files import write_atomic

if TYPE_CHECKING:
    from harness.model.result import AtSize


COLUMNS = [
    "kernel",
    "language",
    "rung",
    "variant",
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
    "fma_peak_multiple",
    "speedup",
    "speedup_low",
    "speedup_high",
    "relative_to_c",
    "relative_to_c_low",
    "relative_to_c_high",
    "rank",
    "steadiness",
    "between_launches",
    "within_launches",
    "outliers",
    "verified",
    "build_s",
    "start_s",
    "io_s",
    "first_call_s",
    "cpu_s",
    "processors",
    "peak_rss_bytes",
    "huge_page_fraction",
    "artefact_bytes",
    "image_bytes",
    "lines",
]


def write_csv(path: Path, rows: list[Row]) -> None:
    """Write the rows in one step; what is not known is an empty field. Raises OSError."""
    import pandas as pd

    records = [asdict(row) | {"class": row.category, "rung": row.rung} for row in rows]
    frame = pd.DataFrame.from_records(records, columns=COLUMNS)
    for column in ("peak_rss_bytes", "artefact_bytes", "image_bytes", "lines"):
        frame[column] = frame[column].astype("Int64")  # whole numbers stay whole beside empty fields
    write_atomic(path, frame.to_csv(index=False, lineterminator="\n"))


def write_sizes(path: Path, sizes: list[AtSize]) -> None:
    """Write the times at every n in one step. Raises OSError."""
    import pandas as pd

    write_atomic(path, pd.DataFrame([asdict(one) for one in sizes]).to_csv(index=False, lineterminator="\n"))
