"""Find the entries of a folder, and the source of each, whatever else the folder holds."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from harness.model.errors import UsageError
from harness.util.paths import shown
from harness.util.printable import printable

MAIN_NAMES = ("my", "main", "multiply")
"""Names, without suffix, by which a folder says which of its sources is the program or function."""

MAX_FILES = 1000
"""Files and folders of an entry that are looked at. A folder with more is no entry: a virtual environment, for one."""

MAX_HELPER_BYTES = 2**20
"""Largest file of a folder that is copied beside its source."""


@dataclass(frozen=True)
class Entry:
    """A file or folder that was handed in; `name` is its name in all outputs."""

    name: str
    path: Path


@dataclass(frozen=True)
class Source:
    """The file of an entry that is built, and the files that belong to it."""

    file: Path
    helpers: tuple[Path, ...] = ()


def entries_in(folder: Path) -> list[Entry]:
    """Return the entries of a folder, by name; names that begin with a dot are none. Raises UsageError."""
    try:
        names = sorted((path.name for path in folder.iterdir() if path.name[:1] != "."), key=os.fsencode)
    except OSError as error:
        raise UsageError(f"{shown(folder)}: cannot be read: {error.strerror}") from None
    if not names:
        raise UsageError(f"{shown(folder)}: has no entries; put a file or folder into it for each")
    # a backslash is doubled, so that no name is taken for another one with an escape
    return [Entry(printable(name.replace("\\", "\\\\")), folder / name) for name in names]


def source_of(entry: Entry, suffixes: Collection[str]) -> Source:
    """Return the source of an entry; `suffixes` are those of all languages. Raises UsageError, OSError."""
    mode = entry.path.lstat().st_mode
    if stat.S_ISLNK(mode):
        raise UsageError("is a link; hand in the file or folder itself")
    if stat.S_ISREG(mode):
        return Source(entry.path)
    if not stat.S_ISDIR(mode):
        raise UsageError("is neither a file nor a folder")
    return _source_in(entry.path, suffixes)


def _source_in(folder: Path, suffixes: Collection[str]) -> Source:
    """Return the only source of a folder, or the one named as in MAIN_NAMES. Links and folders in it are no files."""
    with os.scandir(folder) as found:
        items = list(islice(found, MAX_FILES + 1))
    if len(items) > MAX_FILES:
        raise UsageError(f"has more than {MAX_FILES} files; hand in the source alone")
    files = [Path(item.path) for item in items if item.is_file(follow_symlinks=False) and item.name[:1] != "."]
    sources = sorted(path for path in files if path.suffix in suffixes)
    if not sources:
        raise UsageError("has no file with the suffix of a language")
    main = sources if len(sources) == 1 else [path for path in sources if path.stem in MAIN_NAMES]
    if len(main) != 1:
        raise UsageError(
            f"has {len(sources)} sources, and one of them must be named {' or '.join(MAIN_NAMES)}, with its suffix"
        )
    helpers = (path for path in files if path != main[0] and path.lstat().st_size <= MAX_HELPER_BYTES)
    return Source(main[0], tuple(sorted(helpers)))
