"""Read the machine's counters before and after a launch."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.model.job import JobResult
from harness.model.sample import SystemDelta
from harness.system.calibration import SpeedProbe
from harness.system.energy import EnergyMeter
from harness.util.files import read_text

_HUGE_PAGE_BYTES = Path("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size")


@dataclass(frozen=True)
class Counters:
    """Sums of the whole machine since boot: CPU time used and stolen, huge pages allocated, pages read from swap."""

    busy_ns: int
    steal_ns: int
    huge_pages: int
    swapped_in: int


def counters() -> Counters:
    """Read the counters from /proc. One that cannot be read is zero, and so is its difference."""
    tick_ns = 10**9 // os.sysconf("SC_CLK_TCK")
    # user nice system idle iowait irq softirq steal (proc_stat(5)); user and nice include guests
    times = [int(word) for word in read_text("/proc/stat").partition("\n")[0].split()[1:9]] or [0] * 8
    pages = dict(line.split() for line in read_text("/proc/vmstat").splitlines() if len(line.split()) == 2)
    return Counters(
        busy_ns=(sum(times[:3]) + sum(times[5:7])) * tick_ns,
        steal_ns=times[7] * tick_ns,
        huge_pages=int(pages.get("thp_fault_alloc", 0)),
        swapped_in=int(pages.get("pswpin", 0)),
    )


@dataclass(frozen=True)
class Before:
    """The machine's state before a launch: the times of the calibration loops, the counters, and those of energy."""

    core_ns: int
    memory_ns: int
    counters: Counters
    energy_uj: Mapping[str, int]


class Watcher:
    """Measure what the machine does besides a launch."""

    def __init__(self, cpu: int, meter: EnergyMeter | None = None) -> None:
        self._meter = meter or EnergyMeter()
        self._probe = SpeedProbe(cpu)
        self._huge_page_bytes = int(read_text(_HUGE_PAGE_BYTES) or 2**21)

    def before(self) -> Before:
        """Measure the machine's speed and read the counters; to be called immediately before a launch."""
        return Before(*self._probe.measure(), counters(), self._meter.read())

    def after(self, before: Before, result: JobResult) -> SystemDelta:
        """Return what changed during the launch; to be called immediately after it."""
        energy_uj = self._meter.used_uj(before.energy_uj, self._meter.read(), result.wall_ns / 1e9)
        then, now = before.counters, counters()
        used_ns = result.user_ns + result.system_ns
        return SystemDelta(
            core_ns=before.core_ns,
            memory_ns=before.memory_ns,
            steal_ns=now.steal_ns - then.steal_ns,
            others_cpu_ns=now.busy_ns - then.busy_ns - used_ns,
            huge_bytes=(now.huge_pages - then.huge_pages) * self._huge_page_bytes,
            swapped_in=now.swapped_in - then.swapped_in,
            package_uj=energy_uj.get("package"),
            dram_uj=energy_uj.get("dram"),
            gpu_uj=energy_uj.get("gpu"),
        )
