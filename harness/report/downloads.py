"""A run's files inside its page, as data: links: what was measured goes wherever the page goes."""

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
"""The files, and their types before they are compressed."""

LARGEST = 4 * 2**20
"""A file that is larger than this when it is compressed stays beside the page."""


@dataclass(frozen=True)
class Download:
    """A file for the reader; `href` is empty where it is too large to be inside."""

    name: str
    href: str
    size_bytes: int


def downloads(folder: Path) -> list[Download]:
    """The run's files that exist, all but the table compressed."""
    found = []
    for name, kind in KEPT:
        try:
            data = (folder / name).read_bytes()
        except OSError:
            continue
        if not name.endswith(".csv"):  # a table opens with a click; the others are for programs, and long
            data, name, kind = gzip.compress(data, mtime=0), f"{name}.gz", "application/gzip"
        href = f"data:{kind};base64,{base64.b64encode(data).decode()}" if len(data) <= LARGEST else ""
        found.append(Download(name, href, len(data)))
    return found
