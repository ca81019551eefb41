"""Define the CPU's own counters: the events that are counted in a launch, and what they came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class CounterEvent:
    """An event that the CPU counts: our name of it, and what perf_event_open(2) calls its type and config.

    `grouped` events are counted together with the one before them that is not grouped, or not at all.
    """

    name: str
    type: int
    config: int
    grouped: bool = False


@dataclass(frozen=True)
class CounterSupport:
    """The sets of events that this machine counts, one set in a launch, or the reason why it counts none.

    A set is small enough for the CPU to count all of it at once. `slots_per_cycle` is the number of operations that
    the CPU can begin in a cycle, where it has no event for them; 0 where that is not known.
    """

    sets: tuple[tuple[CounterEvent, ...], ...] = ()
    slots_per_cycle: int = 0
    reason: str = ""
    remedy: str = ""

    def set_of(self, round_number: int) -> tuple[CounterEvent, ...]:
        """Return the events of a round: the same for all its launches, so that what they cost is alike."""
        return self.sets[round_number % len(self.sets)] if self.sets else ()


NO_COUNTERS = CounterSupport()
"""What a measurement has for which nobody asked whether the CPU counts."""


@dataclass(frozen=True)
class CounterReading:
    """How often an event occurred in the processes of a launch, outside the operating system.

    It was counted for `running_ns` of the `enabled_ns` that they ran: less where other programs use counters, too.
    """

    name: str
    value: int
    enabled_ns: int
    running_ns: int

    @property
    def scaled(self) -> float | None:
        """The count for the whole time; None if it was never counted."""
        return self.value * self.enabled_ns / self.running_ns if self.running_ns else None


@dataclass(frozen=True)
class CpuCounts:
    """What the CPU counted for one multiply-add of a kernel, by the name of the event: medians over launches.

    `counted_share` is the smallest share of a launch's time in which an event was counted; below 1, counts are scaled
    up. `slots` are the shares of the operations that the CPU could have begun: retiring, frontend, backend and bad
    speculation. It is empty where they are not known.
    """

    per_step: Mapping[str, float] = field(hash=False)
    counted_share: float
    slots: Mapping[str, float] = field(hash=False)

    @property
    def instructions_per_cycle(self) -> float | None:
        """Instructions in a cycle; None where one of them was not counted."""
        cycles, instructions = self.per_step.get("cycles"), self.per_step.get("instructions")
        return instructions / cycles if cycles and instructions is not None else None
