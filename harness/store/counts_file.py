"""Read and write counts.json of a run's folder: what was counted of its kernels."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from harness.model.counts import RunCounts
from harness.model.errors import UsageError
from harness.store.record import first_mistake, other_format
from harness.util.command_line import own_command
from harness.util.files import write_json

FILE = "counts.json"

FORMAT = 1
"""Version of the file. One of another version is refused, since it could be misread."""


@dataclass(frozen=True)
class _File(RunCounts):
    format: int = FORMAT


@cache
def _adapter() -> TypeAdapter[_File]:
    return TypeAdapter(_File)


def write_counts(folder: Path, counts: RunCounts) -> None:
    """Replace the counts of a run's folder in one step. Raises OSError."""
    file = _File(counts.kernels, counts.left, counts.reason)
    write_json(folder / FILE, _adapter().dump_python(file, mode="json"))


def read_counts(folder: Path) -> RunCounts:
    """Return the counts of a run; empty for a run without counts.

    Raises UsageError that names the file, and the key that is missing or wrong.
    """
    path = folder / FILE
    try:
        values = json.loads(path.read_bytes())
    except FileNotFoundError:
        return RunCounts()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{path}: not valid JSON; remove it, and '{own_command()} count' makes it again") from None
    number = values.get("format") if isinstance(values, dict) else None
    if number != FORMAT:
        raise UsageError(f"{path}: {other_format(FORMAT, number)}")
    try:
        file = _adapter().validate_python(values)
    except ValidationError as error:
        raise UsageError(f"{path}: {first_mistake(error)}: not of this format; the file is damaged") from None
    return RunCounts(file.kernels, file.left, file.reason)
