"""Read and write loops.json of a run's folder: the hottest loops of its kernels."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from harness.model.errors import UsageError
from harness.model.inner_loop import RunLoops
from harness.store.record import first_mistake, other_format
from harness.util.files import write_json

FILE = "loops.json"

FORMAT = 1
"""Version of the file. One of another version is refused, since it could be misread."""


@dataclass(frozen=True)
class _File(RunLoops):
    format: int = FORMAT


@cache
def _adapter() -> TypeAdapter[_File]:
    return TypeAdapter(_File)


def write_loops(folder: Path, loops: RunLoops) -> None:
    """Replace the loops of a run's folder in one step. Raises OSError."""
    write_json(folder / FILE, _adapter().dump_python(_File(**vars(loops)), mode="json"))


def read_loops(folder: Path) -> RunLoops:
    """Return the loops of a run; empty for a run without them.

    Raises UsageError that names the file, and the key that is missing or wrong.
    """
    path = folder / FILE
    try:
        values = json.loads(path.read_bytes())
    except FileNotFoundError:
        return RunLoops()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{path}: not valid JSON; remove it: the page then shows no loops") from None
    number = values.get("format") if isinstance(values, dict) else None
    if number != FORMAT:
        raise UsageError(f"{path}: {other_format(FORMAT, number)}")
    try:
        file = _adapter().validate_python(values)
    except ValidationError as error:
        raise UsageError(f"{path}: {first_mistake(error)}: not of this format; the file is damaged") from None
    return RunLoops(file.loops, file.missing, file.reason)
