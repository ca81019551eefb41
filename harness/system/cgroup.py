"""Read the limits that control groups set to this process, of versions 1 and 2 (man 7 cgroups)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.util.files import read_text

MOUNT = Path("/sys/fs/cgroup")

UNLIMITED_BYTES = 2**60
"""Version 1 writes a number near 2^63 where memory has no limit."""


@dataclass(frozen=True)
class CgroupLimits:
    """How many processors' time, and how many bytes of memory, this process may use; None where there is no limit."""

    processors: float | None
    memory_bytes: int | None


@cache
def own_limits() -> CgroupLimits:
    """Return the limits of this process."""
    return read_limits(read_text("/proc/self/cgroup"), MOUNT)


def read_limits(membership: str, mount: Path) -> CgroupLimits:
    """Return the least limits of the groups that the text of a /proc/PID/cgroup names, and of the groups above them."""
    shares, sizes = [], []
    for controllers, folder in _groups(membership, mount):
        if not controllers:
            quota, _, period = read_text(folder / "cpu.max").partition(" ")
            memory = read_text(folder / "memory.max")
        else:
            quota, period = read_text(folder / "cpu.cfs_quota_us"), read_text(folder / "cpu.cfs_period_us")
            memory = read_text(folder / "memory.limit_in_bytes")
        if quota.isdecimal() and period.isdecimal():
            shares.append(int(quota) / int(period))
        if memory.isdecimal() and int(memory) < UNLIMITED_BYTES:
            sizes.append(int(memory))
    return CgroupLimits(min(shares, default=None), min(sizes, default=None))


def _groups(membership: str, mount: Path) -> Iterator[tuple[str, Path]]:
    """Yield the controllers, none in version 2, and the folder of each group, from its own up to the root.

    In a container, the root of the mount is the container's group, whatever its path says.
    """
    for line in membership.splitlines():
        _, controllers, path = line.split(":", 2)
        root = mount / controllers if controllers else mount
        folder = root / path.lstrip("/")
        yield from ((controllers, group) for group in (folder, *folder.parents) if group.is_relative_to(root))
