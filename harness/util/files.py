"""Write files atomically: after a kill or a power cut, a file has its old content or its new content."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def read_text(path: str | Path) -> str:
    """Return the text of a file without surrounding space; empty if it cannot be read, as some of the system's."""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def read_head(path: Path, size: int) -> bytes:
    """Return the first bytes of a file that a kernel could replace; none if it is no file.

    A link would lead to a file of this machine that only this user may read, and a pipe would never end.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        return os.read(fd, size) if stat.S_ISREG(os.fstat(fd).st_mode) else b""
    except OSError:
        return b""
    finally:
        os.close(fd)


def write_atomic(path: Path, data: bytes | str) -> None:
    """Replace the file at `path` atomically, and flush it to the disk. Raises OSError.

    The bytes of a path that are no text are written as \\udce9: a page shows them, and JSON reads them back.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(data.encode(errors="backslashreplace") if isinstance(data, str) else data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException as error:
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # so that a full disk is told with the folder that it is in
        with contextlib.suppress(OSError):
            partial.unlink()
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush a folder to the disk, so that a new or renamed file in it survives a power cut."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as JSON to `path`, atomically."""
    write_atomic(path, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def point_to(link: Path, target: str) -> None:
    """Replace `link` by a symbolic link to `target`, atomically."""
    partial = link.with_name(f".{link.name}.{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    partial.symlink_to(target)
    partial.replace(link)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file at `path`, after waiting for other threads and processes; a process that ends releases it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tree_digest(root: Path) -> tuple[str, int]:
    """Return the SHA-256 over the names and bytes of all files at or below `root`, and their total size in bytes."""
    digest, size = hashlib.sha256(), 0
    files = [root] if root.is_file() else sorted(path for path in root.rglob("*") if path.is_file())
    for path in files:
        name = path.relative_to(root).as_posix()
        if "__pycache__" in name:
            continue
        digest.update(os.fsencode(name) + f"\0{sha256_of(path)}\0".encode())
        size += path.stat().st_size
    return digest.hexdigest(), size


def tree_bytes(root: Path) -> int:
    """Return the total size of all files below `root`, in bytes; 0 if there is no such folder."""
    total = 0
    for path in root.rglob("*"):
        with contextlib.suppress(OSError):  # a build that replaces it removes it while others are counted
            total += path.lstat().st_size
    return total


def remove_tree(path: Path) -> None:
    """Remove a folder, or a file of any kind, if it exists."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path, ignore_errors=True)
