"""Read how much energy the machine has used, from Linux's powercap."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.model.energy import EnergySupport
from harness.util.files import read_text

POWERCAP = Path("/sys/class/powercap")

MAX_POWER_W = 500.0
"""Power that no processor package exceeds, in watts: after a longer time, a counter may have begun anew twice."""

IDLE_WINDOWS, IDLE_S = 3, 1.0
"""How often, and for how many seconds each, the machine is watched at rest. The smallest power counts: others add."""


@dataclass(frozen=True)
class Zone:
    """A counter of energy: its folder, its domain, and the value in microjoules at which it begins anew."""

    folder: Path
    domain: str
    range_uj: int

    def read(self) -> int | None:
        """Return the counter in microjoules; None where it may not be read."""
        text = read_text(self.folder / "energy_uj")
        return int(text) if text.isdecimal() else None


class EnergyMeter:
    """Measure the energy that the machine uses from one moment to another. `root` is the folder of powercap."""

    def __init__(self, root: Path = POWERCAP) -> None:
        self._zones = [zone for zone in zones(root) if zone.read() is not None]
        self.absence = "" if self._zones else _reason(root)

    def read(self) -> dict[Path, int]:
        """Return all counters, by folder."""
        counters = {zone.folder: zone.read() for zone in self._zones}
        return {folder: value for folder, value in counters.items() if value is not None}

    def used_uj(self, before: Mapping[Path, int], after: Mapping[Path, int], seconds: float) -> dict[str, int]:
        """Return the microjoules between two readings, by domain, without those that cannot be told."""
        used: dict[str, int] = {}
        untold = set()
        for zone in self._zones:
            if zone.folder not in before or zone.folder not in after or seconds * MAX_POWER_W * 1e6 > zone.range_uj:
                untold.add(zone.domain)
                continue
            difference = after[zone.folder] - before[zone.folder]
            used[zone.domain] = used.get(zone.domain, 0) + difference + (zone.range_uj if difference < 0 else 0)
        return {domain: energy for domain, energy in used.items() if domain not in untold}

    def support(self, idle_s: float = IDLE_S) -> EnergySupport:
        """Watch the machine at rest, and return what it measures; at once where nothing may be read."""
        if not self._zones:
            remedy = f"sudo chmod a+r {POWERCAP}/intel-rapl:*/energy_uj" if "root" in self.absence else ""
            return EnergySupport(reason=self.absence, remedy=remedy)
        windows = [self._power_w(idle_s) for _ in range(IDLE_WINDOWS)]
        return EnergySupport({domain: min(window[domain] for window in windows) for domain in windows[0]})

    def _power_w(self, seconds: float) -> dict[str, float]:
        before, start = self.read(), time.monotonic()
        time.sleep(seconds)
        after, elapsed_s = self.read(), time.monotonic() - start
        return {domain: energy / 1e6 / elapsed_s for domain, energy in self.used_uj(before, after, elapsed_s).items()}


def zones(root: Path) -> Iterator[Zone]:
    """Yield the packages of a machine, and their memory.

    Their names are as package-0 and dram; a zone "core" is a part of its package, and "psys" is the whole machine.
    """
    for folder in sorted(root.glob("intel-rapl:*")):
        domain = read_text(folder / "name").partition("-")[0]
        largest = read_text(folder / "max_energy_range_uj")
        if domain in ("package", "dram") and largest.isdecimal():
            yield Zone(folder, domain, int(largest))


def _reason(root: Path) -> str:
    if any(zones(root)):
        return "only root may read the energy counters"
    return "this machine shows no energy counters, as most virtual machines do not"
