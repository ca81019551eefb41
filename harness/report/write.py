"""Write a run's results.csv and report.html."""

from __future__ import annotations

from pathlib import Path

from harness.model.results import Results
from harness.report.csv import write_csv, write_sizes
from harness.util.files import write_atomic
from harness.util.home import without_home


def write_results(folder: Path, results: Results) -> None:
    """Write results.csv and report.html, each in one step. Raises OSError."""
    from harness.report.render import render

    write_csv(folder / "results.csv", results.rows)
    if results.sizes:
        write_sizes(folder / "sizes.csv", results.sizes)
    write_atomic(folder / "report.html", without_home(render(results)))
