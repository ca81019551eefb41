"""Write a folder as Linux's powercap has it: /sys/class/powercap of a machine whose energy may be read."""

from __future__ import annotations

from pathlib import Path

RANGE_UJ = 262_143_328_850
"""The value at which Intel's counters of 32 bits begin anew, in microjoules, as most of their machines have it."""


def write_zone(root: Path, folder: str, name: str, energy_uj: int, range_uj: int = RANGE_UJ) -> Path:
    """Write the folder of a counter, and return it."""
    zone = root / folder
    zone.mkdir(parents=True, exist_ok=True)
    for file, text in (("name", name), ("energy_uj", energy_uj), ("max_energy_range_uj", range_uj)):
        (zone / file).write_text(f"{text}\n")
    return zone


def write_two_sockets(root: Path) -> dict[str, Path]:
    """Write the counters of two packages with memory, and those that are parts of them or of the whole machine."""
    counters = {
        "intel-rapl:0": "package-0",
        "intel-rapl:0:0": "core",
        "intel-rapl:0:1": "dram",
        "intel-rapl:1": "package-1",
        "intel-rapl:1:0": "dram",
        "intel-rapl:2": "psys",
        "intel-rapl-mmio:0": "package-0",
    }
    return {folder: write_zone(root, folder, name, 1_000_000) for folder, name in counters.items()}
