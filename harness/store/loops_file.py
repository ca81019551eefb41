"""Read and write loops.json of a run's folder: the hottest loops of its kernels."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from harness.model.inner_loop import RunLoops
from harness.store.versioned_file import read_versioned, write_versioned

FILE = "loops.json"

FORMAT = 1
"""Version of the file. One of another version is refused, since it could be misread."""


@cache
def _adapter() -> TypeAdapter[RunLoops]:
    return TypeAdapter(RunLoops)


def write_loops(folder: Path, loops: RunLoops) -> None:
    """Replace the loops of a run's folder in one step. Raises OSError."""
    write_versioned(folder / FILE, FORMAT, _adapter().dump_python(loops, mode="json"))


def read_loops(folder: Path) -> RunLoops:
    """Return the loops of a run; empty for a run without them.

    Raises UsageError that names the file, and the key that is missing or wrong.
    """
    otherwise = "remove it: the page then shows no loops"
    return read_versioned(folder / FILE, FORMAT, _adapter(), otherwise, missing=RunLoops())
