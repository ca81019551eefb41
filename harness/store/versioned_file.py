"""Read and write the JSON files of a run's folder: each has its version under `format`, and mistakes are sentences."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from harness.model.errors import UsageError
from harness.util.files import write_json

T = TypeVar("T")


def write_versioned(path: Path, version: int, values: dict[str, Any]) -> None:
    """Replace a file in one step. Raises OSError."""
    write_json(path, {"format": version, **values})


def read_versioned(path: Path, version: int, adapter: TypeAdapter[T], otherwise: str, missing: T | None = None) -> T:
    """Return the value of a file, or `missing`, if it is given, where there is no such file.

    Raises UsageError that names the file, and the key that is missing or wrong; of a file that is not JSON, it says
    `otherwise`. A file of another version is refused, since it could be misread.
    """
    try:
        values = json.loads(path.read_bytes())
    except OSError as error:
        if isinstance(error, FileNotFoundError) and missing is not None:
            return missing
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{path}: not valid JSON; {otherwise}") from None
    number = values.get("format") if isinstance(values, dict) else None
    if number != version:
        raise UsageError(f"{path}: {other_format(version, number)}")
    try:
        return adapter.validate_python(values)
    except ValidationError as error:
        raise UsageError(f"{path}: {first_mistake(error)}: not of this format; the file is damaged") from None


def other_format(expected: int, found: object) -> str:
    """Return the mistake of a file whose format this version does not read."""
    return f"format: expected {expected}, found {found!r}; use the version that made this run"


def first_mistake(error: ValidationError) -> str:
    """Return the first mistake of a file as 'config.n: this key is missing'."""
    mistake: Any = error.errors()[0]
    key = ".".join(str(part) for part in mistake["loc"])
    if mistake["type"] == "missing":
        return f"{key}: this key is missing"
    message = mistake["msg"]
    return f"{key}: {message[0].lower()}{message[1:]}"
