"""Choose the processors of a run: performance cores first, and one processor of each core before a second of any."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.util.files import read_text

SYSFS = Path("/sys/devices/system/cpu")

CAN_PIN = hasattr(os, "sched_setaffinity")
"""Whether this system lets a process choose its processors: Linux does, macOS does not."""

EFFICIENCY_DESIGNS = ("cpu_atom", "cpu_lowpower")
"""Linux's names of the counters of Intel's efficiency cores, beside cpu_core; other CPUs have neither."""

EFFICIENCY_SHARE = 0.75
"""Share of the fastest core's speed below which a core is an efficiency core. AMD's compact cores and ARM's small ones
have 0.3 to 0.7 of it; cores of one design differ by less than a tenth, since a few of them may be clocked higher."""


@dataclass(frozen=True)
class Processor:
    """A logical processor.

    `siblings` are the numbers of the logical processors of its core, with its own. `speed` orders cores of several
    designs: Linux's cpu_capacity on arm64, the maximum frequency in kHz elsewhere, 0 where neither is known.
    `efficient` is what the system says of the core's design.
    """

    number: int
    siblings: tuple[int, ...]
    speed: int
    efficient: bool = False


def allowed() -> tuple[int, ...]:
    """Return the numbers of the processors that this process may use; all where a system does not tell."""
    return tuple(sorted(os.sched_getaffinity(0))) if CAN_PIN else tuple(range(os.cpu_count() or 1))


@contextmanager
def pinned(cpu: int) -> Iterator[None]:
    """Run this process on one processor within the block, where the system can pin processes."""
    if not CAN_PIN:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cpu})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def performance_cores(processors: Iterable[Processor]) -> list[Processor]:
    """Return the processors of performance cores; all of them where cores do not differ by their design."""
    known = list(processors)
    fastest = max((processor.speed for processor in known), default=0)
    fast = [
        processor
        for processor in known
        if not processor.efficient and (not processor.speed or processor.speed >= EFFICIENCY_SHARE * fastest)
    ]
    return fast or known


def order_processors(processors: Iterable[Processor]) -> list[int]:
    """Return the numbers of the processors in the order in which runs of few threads use them.

    A thread on an efficiency core would be the one that all others wait for, or make a serial kernel slow by chance:
    so performance cores come first. Two threads on one core share its units, and each seems half as fast: so each core
    of a kind has one thread before any has two. Among these, the fastest cores come first.
    """
    known = list(processors)
    usable = {processor.number for processor in known}
    fast = {processor.number for processor in performance_cores(known)}

    def place(processor: Processor) -> tuple[bool, int, int, int]:
        siblings = sorted(usable.intersection(processor.siblings) | {processor.number})
        return processor.number not in fast, siblings.index(processor.number), -processor.speed, processor.number

    return [processor.number for processor in sorted(known, key=place)]


@cache  # the list of kernels asks for the CPU once for each, and a server has hundreds of processors
def read_processor(number: int, sysfs: Path = SYSFS) -> Processor:
    """Return what the system tells about a processor; it is a core of its own where the system does not tell."""
    folder = sysfs / f"cpu{number}"
    siblings = numbers_of(read_text(folder / "topology" / "thread_siblings_list")) or (number,)
    speed = read_text(folder / "cpu_capacity") or read_text(folder / "cpufreq" / "cpuinfo_max_freq")
    devices = sysfs.parent.parent
    efficient = any(number in numbers_of(read_text(devices / name / "cpus")) for name in EFFICIENCY_DESIGNS)
    return Processor(number, siblings, int(speed) if speed.isdecimal() else 0, efficient)


def numbers_of(text: str) -> tuple[int, ...]:
    """Return the numbers in a list such as '0-3,8-11'; none if it is empty."""
    ends = [[int(end) for end in part.split("-")] for part in text.split(",") if part]
    return tuple(number for first, *last in ends for number in range(first, (last or [first])[0] + 1))
