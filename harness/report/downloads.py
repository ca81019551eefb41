"""Embed a run's files in its page as data: links, so that the samples travel with the page."""

from __future__ import annotations

import base64
import gzip
from dataclasses import dataclass
from pathlib import Path

KEPT = (
    ("results.csv", "text/csv"),
    ("sizes.csv", "text/csv"),
    ("run.json", "application/json"),
    ("samples.jsonl", "application/jsonl"),
)
"""The files, and their types before compression."""

MAX_EMBEDDED_BYTES = 4 * 2**20
"""Compressed size above which a file is left in the run folder, so that the page stays small."""


@dataclass(frozen=True)
class Download:
    """A file for the reader; `href` is empty for a file that is too large to be embedded."""

    name: str
    href: str
    size_bytes: int


def downloads(folder: Path) -> list[Download]:
    """Return the run's files that exist, all but the tables compressed."""
    files = []
    for name, kind in KEPT:
        try:
            data = (folder / name).read_bytes()
        except OSError:
            continue
        if not name.endswith(".csv"):  # a table is opened by a click; the others are long, and read by programs
            data, name, kind = gzip.compress(data, mtime=0), f"{name}.gz", "application/gzip"
        href = f"data:{kind};base64,{base64.b64encode(data).decode()}" if len(data) <= MAX_EMBEDDED_BYTES else ""
        files.append(Download(name, href, len(data)))
    return files
