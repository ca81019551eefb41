"""Results in the formats that other tools read, a module a format; none is imported before it is asked for."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from harness.model.result import Results


MODULES = {
    "hyperfine": "harness.export.hyperfine",
    "google-benchmark": "harness.export.google_benchmark",
    "pyperf": "harness.export.pyperf",
    "bmf": "harness.export.bmf",
    "github-action-benchmark": "harness.export.github_action_benchmark",
}

FORMATS = tuple(MODULES)


def exported(name: str, results: Results) -> str:
    """A run as the JSON text of one of FORMATS. Raises HarnessError if no kernel of it was measured."""
    from harness.model.errors import HarnessError
    from harness.model.result import Status

    if not any(row.status == Status.OK for row in results.rows):
        # half of the readers refuse an empty list, the others would record a run of nothing
        raise HarnessError(f"{results.folder}: no kernel of this run was measured, so there is nothing to export")
    value = import_module(MODULES[name]).export(results, results.samples)
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write(path: Path, text: str) -> None:
    """Replace the file at `path` in one step, or write to what is no file there. Raises OSError."""
    from harness.util.files import write_atomic

    if path.exists() and not path.is_file():
        path.write_text(text)  # a pipe or /dev/null is not to be replaced by a file
    else:
        write_atomic(path.resolve(), text)
