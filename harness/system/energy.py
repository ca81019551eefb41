"""Read how much energy the machine has used, from Linux's powercap and from NVIDIA's driver."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from harness.model.energy import EnergySupport
from harness.system.gpus import energy_uj, number_of_gpus
from harness.util.files import read_text

POWERCAP = Path("/sys/class/powercap")

MAX_POWER_W = 500.0
"""Power that no processor package exceeds, in watts: after a longer time, a counter may have begun anew twice."""

GPU_RANGE_UJ = 2**64 * 1000
"""Where a GPU's counter begins anew: it has 64 bits of millijoules."""

IDLE_WINDOWS, IDLE_S = 3, 1.0
"""How often, and for how many seconds each, the machine is watched at rest. The smallest power counts: others add."""


@dataclass(frozen=True)
class Counter:
    """A counter of energy: its name, its domain, and the value in microjoules at which it begins anew.

    `read` returns it in microjoules, and None where it may not be read.
    """

    name: str
    domain: str
    range_uj: int
    read: Callable[[], int | None]


class EnergyMeter:
    """Measure the energy that the machine uses from one moment to another. `root` is the folder of powercap."""

    def __init__(self, root: Path = POWERCAP) -> None:
        zones = [zone for zone in zones_of(root) if zone.read() is not None]
        self.absence = "" if zones else _reason(root)
        self._counters = [*zones, *(gpu for gpu in gpu_counters() if gpu.read() is not None)]

    def read(self) -> dict[str, int]:
        """Return all counters, by name."""
        values = {counter.name: counter.read() for counter in self._counters}
        return {name: value for name, value in values.items() if value is not None}

    def used_uj(self, before: Mapping[str, int], after: Mapping[str, int], seconds: float) -> dict[str, int]:
        """Return the microjoules between two readings, by domain, without those that cannot be told."""
        used: dict[str, int] = {}
        untold = set()
        for counter in self._counters:
            name, domain = counter.name, counter.domain
            if name not in before or name not in after or seconds * MAX_POWER_W * 1e6 > counter.range_uj:
                untold.add(domain)
                continue
            difference = after[name] - before[name]
            used[domain] = used.get(domain, 0) + difference + (counter.range_uj if difference < 0 else 0)
        return {domain: energy for domain, energy in used.items() if domain not in untold}

    def support(self, idle_s: float = IDLE_S) -> EnergySupport:
        """Watch the machine at rest, and return what it measures; at once where nothing may be read."""
        if not self._counters:
            remedy = f"sudo chmod a+r {POWERCAP}/intel-rapl:*/energy_uj" if "root" in self.absence else ""
            return EnergySupport(reason=self.absence, remedy=remedy)
        windows = [self._power_w(idle_s) for _ in range(IDLE_WINDOWS)]
        return EnergySupport({domain: min(window[domain] for window in windows) for domain in windows[0]})

    def _power_w(self, seconds: float) -> dict[str, float]:
        before, start = self.read(), time.monotonic()
        time.sleep(seconds)
        after, elapsed_s = self.read(), time.monotonic() - start
        return {domain: energy / 1e6 / elapsed_s for domain, energy in self.used_uj(before, after, elapsed_s).items()}


def zones_of(root: Path) -> Iterator[Counter]:
    """Yield the counters of a machine's packages, and of their memory.

    Their names are as package-0 and dram; a zone "core" is a part of its package, and "psys" is the whole machine.
    """
    for folder in sorted(root.glob("intel-rapl:*")):
        domain = read_text(folder / "name").partition("-")[0]
        largest = read_text(folder / "max_energy_range_uj")
        if domain in ("package", "dram") and largest.isdecimal():
            yield Counter(folder.name, domain, int(largest), partial(_read_uj, folder))


def _read_uj(folder: Path) -> int | None:
    text = read_text(folder / "energy_uj")
    return int(text) if text.isdecimal() else None


def gpu_counters() -> Iterator[Counter]:
    """Yield the counters of NVIDIA's GPUs."""
    for number in range(number_of_gpus()):
        yield Counter(f"gpu-{number}", "gpu", GPU_RANGE_UJ, partial(energy_uj, number))


def _reason(root: Path) -> str:
    if any(zones_of(root)):
        return "only root may read the energy counters"
    return "this machine shows no energy counters, as most virtual machines do not"
