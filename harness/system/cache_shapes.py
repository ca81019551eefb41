"""Read the shapes of this machine's caches, as a simulation of them needs them."""

from __future__ import annotations

from pathlib import Path

from harness.model.counts import Caches, CacheShape
from harness.model.job import Absent
from harness.system.host import usable_cpus
from harness.system.topology import SYSFS
from harness.util.files import read_text

DEFAULT_WAYS = 16
"""Ways of a cache whose ways the system does not tell, as in some virtual machines: those of most last levels."""


def cache_shapes(folder: Path | None = None) -> Caches | Absent:
    """Return the first level's and the last level's caches of a processor, from its `cache` folder in sysfs.

    The default is the first processor that this process may use.
    """
    folder = folder or SYSFS / f"cpu{usable_cpus(1)[0]}" / "cache"
    caches: dict[tuple[int, str], tuple[CacheShape, bool]] = {}
    for index in sorted(folder.glob("index*")):
        level, kind = read_text(index / "level"), read_text(index / "type")
        shape = _shape(index)
        if level.isdecimal() and shape:
            caches[int(level), kind] = shape
    data = {level: shape for (level, kind), shape in caches.items() if kind in ("Data", "Unified")}
    first = caches.get((1, "Instruction")), caches.get((1, "Data"))
    if first[0] is None or first[1] is None or max(data, default=1) == 1:
        return Absent("this system does not tell the sizes of its caches")
    named = {"L1i": first[0], "L1d": first[1], f"L{max(data)}": data[max(data)]}
    rounded = tuple(name for name, (_, exact) in named.items() if not exact)
    return Caches(first[0][0], first[1][0], data[max(data)][0], rounded)


def _shape(index: Path) -> tuple[CacheShape, bool] | None:
    """Return the shape of a cache, and whether it is exact; its number of sets is rounded to a power of two."""
    size, ways, line = (read_text(index / name) for name in ("size", "ways_of_associativity", "coherency_line_size"))
    if not (size.endswith("K") and size[:-1].isdecimal() and line.isdecimal() and int(line)):
        return None
    size_bytes, line_bytes = int(size[:-1]) * 1024, int(line)
    count = int(ways) if ways.isdecimal() and int(ways) else DEFAULT_WAYS
    sets = max(1, size_bytes // (line_bytes * count))
    below = 1 << (sets.bit_length() - 1)
    nearest = below if sets - below <= 2 * below - sets else 2 * below
    shape = CacheShape(nearest * count * line_bytes, count, line_bytes)
    return shape, shape.size_bytes == size_bytes
