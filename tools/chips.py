"""Keep how fast each rung of each language was on each chip, relative to the chip's fastest library.

Each machine that runs `make figures ARGS=run` adds a chip to the file, or replaces what the file has of its own chip.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

from harness.model.kernel import FMA_RUNGS
from harness.model.result import fastest_first
from harness.model.results import Results
from harness.report.markdown import table
from harness.util.chip import chip_name
from harness.util.files import write_json
from harness.util.format import significant
from harness.util.paths import ROOT

STORE = ROOT / "docs" / "chips.json"
"""The file of all chips."""

RUNGS = (*FMA_RUNGS, "strassen")
"""The rungs of the tables; the engine and the libraries are not the languages' own multiply-adds."""

VARIANTS = {"": "", "numba": "Numba"}
"""The variants that are columns, with their names; the rung itself goes by the language's name."""


class Chip(TypedDict):
    """What one run found on a chip: `speeds` has the time of the fastest library divided by that of a kernel, by rung
    and column."""

    day: str
    threads: int
    processors: int
    library: str
    library_s: float
    speeds: dict[str, dict[str, float]]


def chip_of(results: Results) -> Chip | None:
    """Return what a run found on its chip; None if it measured no library."""
    measured = fastest_first(results.rows)
    library = next((row for row in measured if row.rung == "library"), None)
    if library is None or library.time is None:
        return None
    speeds: dict[str, dict[str, float]] = {rung: {} for rung in RUNGS}
    for row in measured:
        suffix = row.variant.partition("-")[2]
        if row.rung in RUNGS and suffix in VARIANTS and row.time:
            column = VARIANTS[suffix] or row.language_name
            speeds[row.rung][column] = library.time.value / row.time.value
    return Chip(
        day=results.record.started_at[:10],
        threads=results.config.threads,
        processors=results.record.host.processors,
        library=library.kernel,
        library_s=library.time.value,
        speeds=speeds,
    )


def add_chip(results: Results, path: Path = STORE) -> dict[str, Chip]:
    """Store what a run found on its chip, and return all chips by name."""
    chips: dict[str, Chip] = json.loads(path.read_text()) if path.exists() else {}
    if chip := chip_of(results):
        chips[chip_name(results.record.host)] = chip
        write_json(path, chips)
    return chips


def chips_table(chips: Mapping[str, Chip]) -> str:
    """Return a Markdown table for each chip: a row for each rung, a column for each language."""
    return "\n\n".join(_table(name, chip) for name, chip in chips.items()) or "No chip has been measured yet."


def _table(name: str, chip: Chip) -> str:
    columns = list(dict.fromkeys(column for speeds in chip["speeds"].values() for column in speeds))
    columns.sort(key=lambda column: -chip["speeds"]["packed"].get(column, 0.0))
    rows = [
        [rung, *(significant(speeds[column]) if column in speeds else "" for column in columns)]
        for rung, speeds in chip["speeds"].items()
        if speeds
    ]
    title = f"{name}, {chip['threads']} threads on {chip['processors']} processors, {chip['day']}; "
    title += f"1 = `{chip['library']}`, {significant(chip['library_s'])} s:"
    return f"{title}\n\n{table(['rung', *columns], rows)}"
