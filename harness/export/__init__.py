"""Export results in the formats of other tools: one module per format, imported when it is used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from harness.model.results import Results


MODULES = {
    "hyperfine": "harness.export.hyperfine",
    "google-benchmark": "harness.export.google_benchmark",
    "pyperf": "harness.export.pyperf",
    "bmf": "harness.export.bmf",
    "github-action-benchmark": "harness.export.github_action_benchmark",
    "benchstat": "harness.export.benchstat",
    "otava": "harness.export.otava",
}
"""The module of each format, by the name of the format on the command line."""

FORMATS = tuple(MODULES)

HISTORIES = ("otava",)
"""The formats that hold several runs."""


def exported(name: str, *runs: Results) -> str:
    """Return a run as text in one of FORMATS, or several runs in one of HISTORIES.

    Raises HarnessError if no kernel of a run was measured, or none in all of them.
    """
    from harness.model.errors import HarnessError
    from harness.model.result import Status
    from harness.util.home import values_without_home
    from harness.util.json_documents import json_text

    for results in runs:
        if not any(row.status == Status.OK for row in results.rows):
            # some of the tools refuse an empty list, and others record a run without benchmarks
            raise HarnessError(f"{results.folder}: no kernel of this run was measured, so there is nothing to export")
    module = import_module(MODULES[name])
    value = module.export_history(runs) if name in HISTORIES else module.export(runs[0], runs[0].samples)
    value = values_without_home(value)
    return value if isinstance(value, str) else json_text(value) + "\n"


def write(path: Path, text: str) -> None:
    """Replace the file at `path` atomically, or write to the pipe or device at `path`. Raises OSError."""
    from harness.util.files import write_atomic

    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")  # a pipe or /dev/null must not be replaced by a file
    else:
        write_atomic(path.resolve(), text)
