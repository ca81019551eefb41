"""Read and write run.json: the only place that knows its layout."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from harness.model.errors import UsageError
from harness.model.kernel import Kernel
from harness.model.run_record import KernelRecord, RunRecord
from harness.util.files import write_json
from harness.util.home import values_without_home, with_home, without_home
from harness.util.json_documents import json_schema, with_format

FORMAT = 5
"""Version of the run folder's format. A folder of another version is refused, since it could be misread."""


@cache
def _adapter() -> TypeAdapter[RunRecord]:
    return TypeAdapter(RunRecord)


def schema() -> dict[str, Any]:
    """Return the JSON schema of run.json: what read_record accepts."""
    return json_schema("run.json", with_format(_adapter().json_schema(), FORMAT))


def write_record(folder: Path, record: RunRecord) -> None:
    """Replace the run.json of a folder in one step, without the path of the user's home. Raises OSError."""
    values = values_without_home(_adapter().dump_python(record, mode="json"))
    for value, kernel in zip(values["kernels"], record.kernels, strict=True):
        value["id"] = kernel.id  # follows from the other keys; written for people who read the file
    # a stage that has not ended has no key, except the peak: its null tells that it could not be measured
    values = {key: value for key, value in values.items() if value is not None or key == "peak"}
    write_json(folder / "run.json", {"format": FORMAT, **values})


def read_record(folder: Path) -> RunRecord:
    """Read the run.json of a folder. Raises UsageError that names the file, and the key that is missing or wrong."""
    path = folder / "run.json"
    try:
        values = json.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{path}: not valid JSON; this is not a run's folder") from None
    number = values.get("format") if isinstance(values, dict) else None
    if number != FORMAT:
        raise UsageError(f"{path}: {other_format(FORMAT, number)}")
    try:
        return _with_home(_adapter().validate_python(values))
    except ValidationError as error:
        raise UsageError(f"{path}: {first_mistake(error)}: not of this format; the file is damaged") from None


def _with_home(record: RunRecord) -> RunRecord:
    """Return a record whose configuration has the folders that this user has."""
    config = record.config
    config = replace(
        config,
        file=with_home(config.file),
        kernels_dir=with_home(config.kernels_dir),
        reports_dir=with_home(config.reports_dir),
        build_dir=with_home(config.build_dir),
        more_kernels=tuple(map(with_home, config.more_kernels)),
    )
    return replace(record, config=config)


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


def kernel_record(kernel: Kernel) -> KernelRecord:
    """Read a kernel's source for the record; empty if it cannot be read, for which the kernel will fail."""
    try:
        text = kernel.source_path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    folders = {"folder": Path(kernel.folder.name), "uses": Path(kernel.uses.name) if kernel.uses else None}
    return KernelRecord(**vars(kernel) | folders, source_text=text, source_sha256=source_digest(text))


def source_digest(text: str) -> str:
    """Return the SHA-256 of a source as run.json holds it: without the path of the user's home."""
    return hashlib.sha256(without_home(text).encode(errors="backslashreplace")).hexdigest()
