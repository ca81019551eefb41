"""Export a history of runs as the CSV that Apache Otava searches for changes, in seconds."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from harness.export.series import context_of, series_of
from harness.model.errors import HarnessError
from harness.model.results import Results

TIME = "time"
"""The column of times that Otava reads unless its configuration names another one."""

PER_KERNEL = ("n", "threads")
"""Properties of a run that differ between its kernels, and are part of their names."""


def export_history(runs: Sequence[Results]) -> str:
    """Return a row for each run, in the order of their times: when it was, its properties, and a time for each kernel.

    Otava reads no table with an empty cell, so the columns are the kernels that all runs have measured. Raises
    HarnessError if there are none.
    """
    runs = sorted(runs, key=lambda results: results.record.started_at)
    times = [{series.name: series.time.value for series in series_of(run, run.samples)} for run in runs]
    kernels = [name for name in times[0] if all(name in others for others in times)]
    if not kernels:
        raise HarnessError("--format otava: no kernel was measured in all of these runs, so they are no history")
    contexts = [_context(run) for run in runs]
    attributes = list(dict.fromkeys(key for context in contexts for key in context))
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([TIME, *attributes, *kernels])
    for run, context, time in zip(runs, contexts, times, strict=True):
        properties = [context.get(key, "") for key in attributes]
        rows.writerow([run.record.started_at, *properties, *(f"{time[name]:.9g}" for name in kernels)])
    return text.getvalue()


def _context(run: Results) -> dict[str, str]:
    known = {key: " ".join(str(value).split()) for key, value in context_of(run).items()}
    return {key: value for key, value in known.items() if key not in PER_KERNEL}
