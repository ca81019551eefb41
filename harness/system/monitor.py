"""Read the machine's counters before and after a launch."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from harness.model.job import JobResult
from harness.model.sample import SystemDelta
from harness.system.calibration import SpeedProbe
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


class Watcher:
    """Measure what the machine does besides a launch."""

    def __init__(self, cpu: int) -> None:
        self._probe = SpeedProbe(cpu)
        self._huge_page_bytes = int(read_text(_HUGE_PAGE_BYTES) or 2**21)

    def before(self) -> tuple[tuple[int, int], Counters]:
        """Measure the machine's speed and read the counters; to be called immediately before a launch."""
        return self._probe.measure(), counters()

    def after(self, before: tuple[tuple[int, int], Counters], result: JobResult) -> SystemDelta:
        """Return what changed during the launch; to be called immediately after it."""
        (core_ns, memory_ns), then, now = *before, counters()
        used_ns = result.user_ns + result.system_ns
        return SystemDelta(
            core_ns=core_ns,
            memory_ns=memory_ns,
            steal_ns=now.steal_ns - then.steal_ns,
            others_cpu_ns=now.busy_ns - then.busy_ns - used_ns,
            huge_bytes=(now.huge_pages - then.huge_pages) * self._huge_page_bytes,
            swapped_in=now.swapped_in - then.swapped_in,
        )
