"""Create temporary folders for the files that launches write: in memory if there is room, removed afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.util.files import remove_tree

PREFIX = "60000x-"
"""First characters of the name of every scratch folder; the number of the process follows."""

_MEMORY = Path("/dev/shm")
"""The file system in memory that Linux mounts for shared memory."""


@contextmanager
def scratch(room_bytes: int, near: Path) -> Iterator[Path]:
    """Create a folder for files of up to `room_bytes`, and remove it at the end; in `near` if memory is short.

    The folder is in memory so that no output is still being written to a disk while the next kernel is timed.
    """
    home = _MEMORY if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) else near
    if home == _MEMORY and shutil.disk_usage(_MEMORY).free < 2 * room_bytes:
        home = near
    with temporary(home) as folder:
        yield folder


@contextmanager
def temporary(home: Path) -> Iterator[Path]:
    """Create a folder in `home`, and remove it at the end, and before it those that killed runs left there."""
    home.mkdir(parents=True, exist_ok=True)
    _sweep(home)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=home))
    try:
        yield folder
    finally:
        remove_tree(folder)


def fresh(parent: Path, name: str) -> Path:
    """Create an empty folder in a scratch folder, so that no launch finds files of an earlier one."""
    folder = parent / name
    remove_tree(folder)
    folder.mkdir()
    return folder


def emptied(folder: Path) -> Path:
    """Create or empty a folder. It is not replaced: a container that has it mounted would not see the new one."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        remove_tree(path)
    return folder


def _sweep(home: Path) -> None:
    """Remove the folders that killed runs of this user left in `home`."""
    for folder in home.glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).split("-")[0]
        try:
            own = folder.stat().st_uid == os.getuid()
        except OSError:
            continue
        if own and pid.isdecimal() and not _runs(int(pid)):
            remove_tree(folder)


def _runs(pid: int) -> bool:
    """Return whether there is a process with this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    return True
