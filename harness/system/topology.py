"""Choose the processors of a run: one of each core first, the fastest cores first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.util.files import read_text

SYSFS = Path("/sys/devices/system/cpu")


@dataclass(frozen=True)
class Processor:
    """A logical processor.

    `siblings` are the numbers of the logical processors of its core, with its own. `speed` orders cores of several
    designs: Linux's cpu_capacity on arm64, the maximum frequency in kHz elsewhere, 0 where neither is known.
    """

    number: int
    siblings: tuple[int, ...]
    speed: int


def order_processors(processors: Iterable[Processor]) -> list[int]:
    """Return the numbers of the processors in the order in which runs of few threads use them.

    Two threads on one core share its units, and each seems half as fast: so each core has one thread before any has
    two. Among these, the fastest cores come first.
    """
    known = list(processors)
    usable = {processor.number for processor in known}

    def place(processor: Processor) -> tuple[int, int, int]:
        siblings = sorted(usable.intersection(processor.siblings) | {processor.number})
        return siblings.index(processor.number), -processor.speed, processor.number

    return [processor.number for processor in sorted(known, key=place)]


@cache  # the list of kernels asks for the CPU once for each, and a server has hundreds of processors
def read_processor(number: int, sysfs: Path = SYSFS) -> Processor:
    """Return what the system tells about a processor; it is a core of its own where the system does not tell."""
    folder = sysfs / f"cpu{number}"
    siblings = numbers_of(read_text(folder / "topology" / "thread_siblings_list")) or (number,)
    speed = read_text(folder / "cpu_capacity") or read_text(folder / "cpufreq" / "cpuinfo_max_freq")
    return Processor(number, siblings, int(speed) if speed.isdecimal() else 0)


def numbers_of(text: str) -> tuple[int, ...]:
    """Return the numbers in a list such as '0-3,8-11'; none if it is empty."""
    ends = [[int(end) for end in part.split("-")] for part in text.split(",") if part]
    return tuple(number for first, *last in ends for number in range(first, (last or [first])[0] + 1))
