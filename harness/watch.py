"""Watching the machine: counters read before and after a launch, and settings that change what is measured."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.calibrate import Calibration
from harness.host import chosen, read
from harness.model import JobResult, UsageError, Watch

_HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")
_HUGE_PAGE_BYTES = Path("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size")


@dataclass(frozen=True)
class Counters:
    """System-wide sums since boot: CPU time that was used and stolen (ns), huge pages, pages read from swap."""

    busy_ns: int
    steal_ns: int
    huge_pages: int
    swapped_in: int


def counters() -> Counters:
    """Read them from /proc; what cannot be read is zero, and then so is the difference."""
    tick_ns = 10**9 // os.sysconf("SC_CLK_TCK")
    # user nice system idle iowait irq softirq steal (proc_stat(5)); guests are contained in user and nice
    times = [int(word) for word in read("/proc/stat").partition("\n")[0].split()[1:9]] or [0] * 8
    pages = dict(line.split() for line in read("/proc/vmstat").splitlines() if len(line.split()) == 2)
    return Counters(
        busy_ns=(sum(times[:3]) + sum(times[5:7])) * tick_ns,
        steal_ns=times[7] * tick_ns,
        huge_pages=int(pages.get("thp_fault_alloc", 0)),
        swapped_in=int(pages.get("pswpin", 0)),
    )


class Watcher:
    """Sees what the machine does beside a launch."""

    def __init__(self, cpu: int) -> None:
        self._calibration = Calibration(cpu)
        self._huge_page_bytes = int(read(_HUGE_PAGE_BYTES) or 2**21)

    def before(self) -> tuple[tuple[int, int], Counters]:
        """Calibrate, and take the counters; the last thing before a launch."""
        return self._calibration.measure(), counters()

    def after(self, seen: tuple[tuple[int, int], Counters], result: JobResult) -> Watch:
        """What changed while the launch ran; the first thing after it."""
        (core_ns, memory_ns), then, now = *seen, counters()
        used_ns = result.user_ns + result.system_ns
        return Watch(
            core_ns=core_ns,
            memory_ns=memory_ns,
            steal_ns=now.steal_ns - then.steal_ns,
            others_cpu_ns=now.busy_ns - then.busy_ns - used_ns,
            huge_bytes=(now.huge_pages - then.huge_pages) * self._huge_page_bytes,
            swapped_in=now.swapped_in - then.swapped_in,
        )


@contextmanager
def huge_pages_for_all(wanted: bool) -> Iterator[None]:
    """Give every process huge pages, asked for or not, and put the machine's setting back afterwards.

    Linux has no such setting for one process alone. Raises UsageError where it cannot be changed.
    """
    before = chosen(read(_HUGE_PAGES))
    if not wanted or before == "always":
        yield
        return
    try:
        _HUGE_PAGES.write_text("always")
    except OSError as error:
        raise UsageError(
            f"--pages huge: {_HUGE_PAGES} is '{before or 'not there'}' and cannot be changed ({error.strerror}): "
            f"run as root, or first 'echo always > {_HUGE_PAGES}'"
        ) from None
    try:
        yield
    finally:
        _HUGE_PAGES.write_text(before)
