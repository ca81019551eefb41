"""Read and write run.json: the only place that knows its layout."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from harness.model.kernel import Kernel
from harness.model.run_record import KernelRecord, RunRecord
from harness.store.versioned_file import read_versioned, write_versioned
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
    write_versioned(folder / "run.json", FORMAT, values)


def read_record(folder: Path) -> RunRecord:
    """Read the run.json of a folder. Raises UsageError that names the file, and the key that is missing or wrong."""
    path = folder / "run.json"
    return _with_home(read_versioned(path, FORMAT, _adapter(), "this is not a run's folder"))


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
