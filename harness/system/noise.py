"""Find what on this machine can disturb a measurement, each with what the user can do about it."""

from __future__ import annotations

import os

from harness.system import topology
from harness.system.cgroup import own_limits
from harness.system.host import chosen, cpu_features, governor, snapshot
from harness.system.topology import Processor, performance_cores, read_processor
from harness.util.files import read_text
from harness.util.format import size

MAX_LOAD = 0.5
"""Load average, in processes, above which other work is running: an idle machine has less."""

Disturbance = tuple[str, str]
"""What was observed, and a remedy."""


def sources_of_noise(cpus: tuple[int, ...]) -> list[Disturbance]:
    """Return what can disturb a measurement on the processors `cpus`."""
    return [
        *_load(),
        *_virtual_machine(),
        *_frequency_governor(cpus[0]),
        *_huge_pages(),
        *_unpinned(),
        *_shared_cores(cpus),
        *mixed_cores([read_processor(cpu) for cpu in cpus]),
        *_address_layout(),
        *_swap(),
        *_container_limits(),
    ]


def _load() -> list[Disturbance]:
    load = os.getloadavg()[0]
    if load <= MAX_LOAD:
        return []
    return [(f"other work is running: the load average is {load:.2f}", "stop it, or expect wide intervals")]


def _virtual_machine() -> list[Disturbance]:
    if "hypervisor" not in cpu_features():
        return []
    return [
        (
            "this is a virtual machine: its host can take processor time away",
            "repeat a run before you rely on a small difference",
        )
    ]


def _frequency_governor(cpu: int) -> list[Disturbance]:
    name = governor(cpu)
    if name in ("", "performance"):
        return []
    return [(f"the frequency governor is {name}", "cpupower frequency-set -g performance")]


def _huge_pages() -> list[Disturbance]:
    if chosen(read_text("/sys/kernel/mm/transparent_hugepage/enabled")) != "madvise":
        return []
    return [
        (
            "only programs that request huge pages get them (madvise): NumPy and Go's runtime do, malloc does not",
            "use --pages 4k or --pages huge to compare languages under the same conditions",
        )
    ]


def _unpinned() -> list[Disturbance]:
    if topology.CAN_PIN:
        return []
    observation = "this system cannot pin processes: it moves kernels between cores, which may be of two kinds"
    return [(observation, "expect wide intervals, or measure on Linux")]


def _shared_cores(cpus: tuple[int, ...]) -> list[Disturbance]:
    disturbances = []
    for siblings in sorted({siblings for cpu in cpus if len(siblings := read_processor(cpu).siblings) > 1}):
        numbers = " and ".join(map(str, siblings))
        if len(set(siblings) & set(cpus)) > 1:
            disturbances.append(
                (f"processors {numbers} share a core, and both are used", "set --threads to the number of cores")
            )
        else:
            disturbances.append((f"processors {numbers} share a core", "keep the unused one idle, or disable SMT"))
    return disturbances


def mixed_cores(used: list[Processor]) -> list[Disturbance]:
    """Return what it means that the processors of a run are of performance and of efficiency cores, if they are."""
    fast = len(performance_cores(used))
    if fast == len(used):
        return []
    observation = f"{len(used) - fast} of the {len(used)} processors are efficiency cores, for which the others wait"
    return [(observation, f"set --threads to {fast}, the number of processors of performance cores")]


def _address_layout() -> list[Disturbance]:
    if read_text("/proc/sys/kernel/randomize_va_space") != "0":
        return []
    return [
        (
            "addresses are not randomised: every launch has the same memory layout, which may be a fast or a slow one",
            "echo 2 > /proc/sys/kernel/randomize_va_space",
        )
    ]


def _swap() -> list[Disturbance]:
    used_bytes = snapshot().swap_used_bytes
    return [(f"{used_bytes / 2**20:,.0f} MiB are in swap", "free memory before the run")] if used_bytes else []


def _container_limits() -> list[Disturbance]:
    limits = own_limits()
    observations = []
    if limits.processors is not None:
        observations.append(f"a control group limits processor time to that of {limits.processors:g} processors")
    if limits.memory_bytes is not None:
        observations.append(f"a control group limits memory to {size(limits.memory_bytes)}")
    return [(observation, "remove the limit for the run") for observation in observations]
