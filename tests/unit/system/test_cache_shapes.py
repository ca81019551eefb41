"""Test the shapes of caches that are read from sysfs."""

from __future__ import annotations

from pathlib import Path

from harness.model.counts import CacheShape
from harness.model.job import Absent
from harness.system.cache_shapes import cache_shapes


def write_cache(folder: Path, level: int, kind: str, size: str, ways: int) -> None:
    """Write a cache as Linux shows it."""
    index = folder / f"index{len(list(folder.iterdir())) if folder.exists() else 0}"
    index.mkdir(parents=True)
    values = {"level": level, "type": kind, "size": size, "ways_of_associativity": ways, "coherency_line_size": 64}
    for name, value in values.items():
        (index / name).write_text(f"{value}\n")


def test_first_and_last_level_are_read(tmp_path):
    write_cache(tmp_path, 1, "Data", "48K", 12)
    write_cache(tmp_path, 1, "Instruction", "32K", 8)
    write_cache(tmp_path, 2, "Unified", "1024K", 16)
    write_cache(tmp_path, 3, "Unified", "32768K", 16)

    caches = cache_shapes(tmp_path)

    assert caches.first_data == CacheShape(48 * 1024, 12, 64)
    assert caches.last == CacheShape(2**25, 16, 64)
    assert caches.rounded == ()


def test_sets_that_are_no_power_of_two_are_rounded(tmp_path):
    """A last level of 30 MiB and 12 ways has 40,960 sets, of which the nearest power of two is 32,768."""
    write_cache(tmp_path, 1, "Data", "32K", 8)
    write_cache(tmp_path, 1, "Instruction", "32K", 8)
    write_cache(tmp_path, 3, "Unified", "30720K", 12)

    caches = cache_shapes(tmp_path)

    assert caches.last == CacheShape(32768 * 12 * 64, 12, 64)
    assert caches.rounded == ("L3",)


def test_system_without_caches_says_so(tmp_path):
    caches = cache_shapes(tmp_path)

    assert isinstance(caches, Absent) and "does not tell the sizes" in caches.reason
