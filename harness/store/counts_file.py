"""Read and write counts.json of a run's folder: what was counted of its kernels."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from harness.model.counts import RunCounts
from harness.store.versioned_file import read_versioned, write_versioned
from harness.util.command_line import own_command

FILE = "counts.json"

FORMAT = 1
"""Version of the file. One of another version is refused, since it could be misread."""


@cache
def _adapter() -> TypeAdapter[RunCounts]:
    return TypeAdapter(RunCounts)


def write_counts(folder: Path, counts: RunCounts) -> None:
    """Replace the counts of a run's folder in one step. Raises OSError."""
    write_versioned(folder / FILE, FORMAT, _adapter().dump_python(counts, mode="json"))


def read_counts(folder: Path) -> RunCounts:
    """Return the counts of a run; empty for a run without counts.

    Raises UsageError that names the file, and the key that is missing or wrong.
    """
    otherwise = f"remove it, and '{own_command()} count' makes it again"
    return read_versioned(folder / FILE, FORMAT, _adapter(), otherwise, missing=RunCounts())
