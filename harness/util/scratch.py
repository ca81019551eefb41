"""Folders for what launches write: in memory where there is room, and gone afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.util.files import remove_tree

PREFIX = "60000x-"

_MEMORY = Path("/dev/shm")


@contextmanager
def scratch(room_bytes: int, near: Path) -> Iterator[Path]:
    """A folder for files of up to `room_bytes`, removed at the end; under `near` if memory is short.

    It lies in memory so that no output is still on its way to a disk while the next kernel is being timed.
    """
    home = _MEMORY if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) else near
    if home == _MEMORY and shutil.disk_usage(_MEMORY).free < 2 * room_bytes:
        home = near
    home.mkdir(parents=True, exist_ok=True)
    _sweep(home)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=home))
    try:
        yield folder
    finally:
        remove_tree(folder)


def fresh(parent: Path, name: str) -> Path:
    """An empty folder in a scratch folder: no launch sees what an earlier one left."""
    folder = parent / name
    remove_tree(folder)
    folder.mkdir()
    return folder


def emptied(folder: Path) -> Path:
    """The folder itself, made or emptied: a container that has it mounted would not see a new one of its name."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        remove_tree(path)
    return folder


def _sweep(home: Path) -> None:
    """Remove what a killed run of this user left there."""
    for folder in home.glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).split("-")[0]
        try:
            mine = folder.stat().st_uid == os.getuid()
        except OSError:
            continue
        if mine and pid.isdecimal() and not Path(f"/proc/{pid}").exists():
            remove_tree(folder)
