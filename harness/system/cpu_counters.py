"""Find out which events the CPU of this machine counts for programs, by perf_event_open(2)."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from harness.model.counters import CounterEvent, CounterSupport
from harness.model.machine import CpuId
from harness.util.files import read_text

_PARANOID = Path("/proc/sys/kernel/perf_event_paranoid")

MAX_PARANOID = 2
"""Largest perf_event_paranoid with which Linux lets a user's program count its own processes; Debian has 3, too."""

_PMU = Path("/sys/bus/event_source/devices/cpu")

_SYSCALLS = {"x86_64": 298, "aarch64": 241}
"""The number of perf_event_open(2), for which the C library has no function."""

_HARDWARE, _RAW = 0, 4
"""The types of events that Linux knows on each CPU, and of those that only the CPU knows (perf_event_open(2))."""

GENERAL = (
    CounterEvent("cycles", _HARDWARE, 0),
    CounterEvent("instructions", _HARDWARE, 1),
    CounterEvent("cache-misses", _HARDWARE, 3),
    CounterEvent("branches", _HARDWARE, 4),
    CounterEvent("branch-misses", _HARDWARE, 5),
)

INTEL_WIDTHS = tuple(
    CounterEvent(f"flops-{bits}", _RAW, mask << 8 | 0xC7)
    for bits, mask in ((64, 0x01), (128, 0x04), (256, 0x10), (512, 0x40))
)
"""FP_ARITH_INST_RETIRED.*_DOUBLE of Intel since Broadwell: instructions on doubles by width, an FMA twice."""

AMD_WIDTHS = tuple(
    CounterEvent(f"operations-{bits}", _RAW, mask << 8 | 0x08)
    for bits, mask in ((64, 0x04), (128, 0x08), (256, 0x10), (512, 0x20))
)
"""fp_ops_retired_by_width of AMD's Zen 4 and 5: floating-point operations of any kind by width, an FMA once."""

AMD_SLOTS = (
    CounterEvent("cycles", _HARDWARE, 0),
    CounterEvent("frontend-slots", _RAW, 1 << 32 | 0x01 << 8 | 0xA0),
    CounterEvent("backend-slots", _RAW, 1 << 32 | 0x1E << 8 | 0xA0),
    CounterEvent("retired-slots", _RAW, 0xC1),
)
"""de_no_dispatch_per_slot (event 0x1a0) and ex_ret_ops of AMD's Zen 4 and 5 (Linux: pmu-events/arch/x86/amdzen5)."""

INTEL_SLOTS = (
    ("slots", "slots"),
    ("retired-slots", "topdown-retiring"),
    ("frontend-slots", "topdown-fe-bound"),
    ("backend-slots", "topdown-be-bound"),
)
"""Our names, and the files by which Linux says how Intel's CPUs since Ice Lake count these slots."""

IN_CONTAINERS = CounterSupport(
    reason="a container's filter of system calls does not let programs count", remedy="--backend native"
)

Opener = Callable[[Sequence[CounterEvent]], int]
"""Opens a set of events for this process, all together, and returns 0 or the number of the error."""


def support(cpu: CpuId, in_containers: bool = False) -> CounterSupport:
    """Return the sets of events that this machine counts in kernels, or why it counts none."""
    if in_containers:
        return IN_CONTAINERS
    return supported(cpu, _PMU / "events", can_count, read_text(_PARANOID))


def supported(cpu: CpuId, events: Path, opener: Opener, paranoid: str) -> CounterSupport:
    """Return the sets of a CPU's events that `opener` can open; `events` is the folder in which Linux names some."""
    if error := opener(GENERAL[:1]):
        return _refused(error, paranoid)
    widths, slots, slots_per_cycle = _of_this_cpu(cpu, events)
    sets = [GENERAL, (*GENERAL[:2], *widths), slots]
    able = [tuple(event for event in each if not opener(_group_of(each, event))) for each in sets]
    usable = [each for each in able if len(each) > 2]  # cycles and instructions alone are in every set
    return CounterSupport(tuple(usable) or (GENERAL[:1],), slots_per_cycle)


def _group_of(events: Sequence[CounterEvent], event: CounterEvent) -> list[CounterEvent]:
    """Return what must be opened for an event: itself, after the first of its group."""
    return [events[0], event] if event.grouped else [event]


def _of_this_cpu(cpu: CpuId, events: Path) -> tuple[tuple[CounterEvent, ...], tuple[CounterEvent, ...], int]:
    """Return a CPU's events of widths and of slots, and its slots in a cycle where these are no event."""
    if cpu.vendor == "GenuineIntel":
        named = [_named(name, events / file) for name, file in INTEL_SLOTS]
        slots = tuple(event for event in named if event)
        complete = len(slots) == len(INTEL_SLOTS)
        return INTEL_WIDTHS, slots[:1] + tuple(replace(each, grouped=True) for each in slots[1:]) if complete else (), 0
    if cpu.vendor == "AuthenticAMD" and cpu.family == 0x1A:
        return AMD_WIDTHS, AMD_SLOTS, 8  # Zen 5
    if cpu.vendor == "AuthenticAMD" and cpu.family == 0x19 and (cpu.model or 0) // 16 in (1, 6, 7, 10):
        return AMD_WIDTHS, AMD_SLOTS, 6  # Zen 4
    return (), (), 0


def _named(name: str, file: Path) -> CounterEvent | None:
    """Return the event that a file describes as 'event=0x00,umask=0x4'; None without the file."""
    found = dict(re.findall(r"(\w+)=(0x[0-9a-f]+|\d+)", read_text(file)))
    if "event" not in found:
        return None
    return CounterEvent(name, _RAW, int(found["event"], 0) | int(found.get("umask", "0"), 0) << 8)


def can_count(events: Sequence[CounterEvent]) -> int:
    """Open events as one group for this process, and close them; return 0, or the number of the error."""
    number = _SYSCALLS.get(platform.machine())
    if number is None or platform.system() != "Linux":
        return errno.ENOSYS
    libc = ctypes.CDLL(None, use_errno=True)
    opened: list[int] = []
    try:
        for event in events:
            attributes = ctypes.create_string_buffer(_attributes(event))
            fd = libc.syscall(number, attributes, 0, -1, opened[0] if opened else -1, 0)
            if fd < 0:
                return ctypes.get_errno()
            opened.append(fd)
        return 0
    finally:
        for fd in opened:
            os.close(fd)


def _attributes(event: CounterEvent) -> bytes:
    """Return perf_event_attr: type, size, config, and the flags disabled, inherit, exclude_kernel and exclude_hv."""
    size, flags = 112, 1 << 0 | 1 << 1 | 1 << 5 | 1 << 6
    return struct.pack("<IIQQQQQ", event.type, size, event.config, 0, 0, 0, flags).ljust(size, b"\0")


def _refused(error: int, paranoid: str) -> CounterSupport:
    """Return why no event can be counted, and what would let programs count."""
    if error in (errno.EACCES, errno.EPERM) and paranoid.isdecimal() and int(paranoid) <= MAX_PARANOID:
        return CounterSupport(reason="a filter of system calls, as containers have, does not let programs count")
    if error in (errno.EACCES, errno.EPERM):
        reason = f"kernel.perf_event_paranoid is {paranoid or 'unknown'}, which lets no program of this user count"
        return CounterSupport(reason=reason, remedy="sudo sysctl kernel.perf_event_paranoid=2")
    if error in (errno.ENOENT, errno.ENODEV, errno.EOPNOTSUPP, errno.EINVAL):
        reason = "this machine's CPU shows no counters, as most virtual machines do not"
        return CounterSupport(reason=reason, remedy="a machine of one's own, or a virtual one with a virtual PMU")
    return CounterSupport(reason=f"the system refuses perf_event_open: {os.strerror(error)}")
