"""Allow one run at a time on a host, because two would disturb each other's times."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.model.errors import UsageError

VARIABLE = "SIXTY_THOUSAND_LOCK"
"""Environment variable with another path of the lock, for programs that do not share the processors."""

DEFAULT = Path("/tmp/60000x.lock")
"""The host's lock. Users' TMPDIR differ, and their runs would disturb each other nevertheless."""


@contextmanager
def host_lock(path: Path | None = None) -> Iterator[None]:
    """Hold the host's lock within the block. Raises UsageError, with the number of its process, if a run holds it."""
    path = path or Path(os.environ.get(VARIABLE) or DEFAULT)
    try:
        fd = _open(path)
    except OSError as error:
        raise UsageError(f"{path}: the lock cannot be opened: {error.strerror}") from None
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(fd, 20).decode(errors="replace").strip() or "unknown"
            raise UsageError(
                f"another run is under way on this machine (process {holder}): wait for its end, "
                "because two runs would disturb each other's times"
            ) from None
        with contextlib.suppress(OSError):  # a file of another user can be locked, but not written
            os.ftruncate(fd, 0)
            os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(fd)


def _open(path: Path) -> int:
    flags = os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(path, flags | os.O_RDWR | os.O_CREAT, 0o666)
    except PermissionError:
        return os.open(path, flags | os.O_RDONLY)
