"""Read what this machine is from the system. A property that cannot be read is left out or empty, never guessed."""

from __future__ import annotations

import ctypes
import os
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path

from harness.model.machine import CpuId, HostInfo, MachineSnapshot
from harness.system import darwin
from harness.system.cgroup import own_limits
from harness.system.gpus import gpu_states
from harness.system.topology import SYSFS, allowed, order_processors, performance_cores, read_processor
from harness.util.files import read_text


def processors() -> int:
    """Return the number of processors that this process may use, in a container perhaps fewer than the machine has.

    Threads beyond the quota of a control group would take turns, and be stopped for most of each period.
    """
    quota = own_limits().processors
    count = len(allowed())
    return count if quota is None else max(1, min(count, int(quota)))


def performance_processors() -> int:
    """Return the number of processors() that belong to performance cores: all where the cores are of one design."""
    count = darwin.performance_processors(darwin.own_values())
    return min(processors(), count or len(performance_cores(map(read_processor, allowed()))))


def memory_bytes() -> int:
    """Return the size of the memory that this process may use: the machine's, or that of its control group."""
    told = darwin.own_values().get("hw.memsize")
    physical = int(told) if told else os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(physical, own_limits().memory_bytes or physical)


def describe() -> HostInfo:
    """Return the properties that a reader needs to compare two machines."""
    cpu = _cpuinfo()
    return HostInfo(
        cpu=cpu_model(),
        cpu_id=cpu_id_of(cpu),
        architecture=platform.machine(),
        processors=processors(),
        features=tuple(sorted(cpu_features())),
        mhz_at_start=cpu.get("cpu MHz", ""),
        microcode=cpu.get("microcode", ""),
        caches=tuple(caches()),
        memory_bytes=memory_bytes(),
        os=_os_name(),
        kernel=platform.release(),
        python=platform.python_version(),
        hypervisor="hypervisor" in cpu_features(),
        transparent_huge_pages=chosen(read_text("/sys/kernel/mm/transparent_hugepage/enabled")),
        aslr=read_text("/proc/sys/kernel/randomize_va_space"),
        governor=governor(usable_cpus(1)[0]),
        load_at_start=os.getloadavg()[0],
        efficiency_processors=processors() - performance_processors(),
    )


def governor(cpu: int) -> str:
    """Return what governs the frequency of a processor; empty if the system does not tell."""
    return read_text(SYSFS / f"cpu{cpu}" / "cpufreq" / "scaling_governor")


def cpu_model() -> str:
    """Return the name of the processor."""
    cpu = _cpuinfo()
    return cpu.get("model name") or cpu.get("Processor") or platform.processor() or platform.machine()


def cpu_id_of(cpuinfo: Mapping[str, str]) -> CpuId:
    """Return the numbers that identify a CPU, from the keys and values of its part of /proc/cpuinfo."""

    def number(key: str) -> int | None:
        try:
            return int(cpuinfo[key], 0)
        except (KeyError, ValueError):  # a number that Linux does not know is "unknown"
            return None

    return CpuId(
        vendor=cpuinfo.get("vendor_id") or None,
        family=number("cpu family"),
        model=number("model"),
        stepping=number("stepping"),
        implementer=number("CPU implementer"),
        part=number("CPU part"),
        variant=number("CPU variant"),
        revision=number("CPU revision"),
    )


def cpu_identity() -> str:
    """Return all that code compiled for this CPU depends on: its design, its instruction sets and its caches.

    The name alone is not enough: a Zen 4 and a Zen 3 may both be an "AMD EPYC", and the artefact of one is tuned for
    the wrong CPU, or does not run, on the other.
    """
    identity = (platform.machine(), cpu_model(), cpu_id_of(_cpuinfo()), sorted(cpu_features()), caches())
    return " ".join(map(str, identity))


def cpu_features() -> frozenset[str]:
    """Return the instruction sets by Linux's names (avx512f, avx2, asimd), which `requires` of kernel.yaml uses."""
    cpu = _cpuinfo()
    return frozenset((cpu.get("flags") or cpu.get("Features") or "").split())


def lacking(requires: Iterable[str]) -> str:
    """Return the reason why kernels that require these instruction sets cannot run here; empty if they can.

    A requirement may be alternatives, as `avx2 | asimd`.
    """
    alternatives = [required.split(" | ") for required in sorted(requires)]
    features = cpu_features()
    if absent := [" or ".join(names) for names in alternatives if features.isdisjoint(names)]:
        return f"this CPU has no {', '.join(absent)}"
    withheld = [name for names in alternatives for name in names if name.startswith("amx_")]
    if withheld and not tiles_granted():
        return f"Linux on this machine does not let programs use {', '.join(withheld)} of its CPU"
    return ""


def tiles_granted() -> bool:
    """Return whether Linux lets programs use AMX. Since 5.16 it does, if it can save the tiles of programs that ask."""
    arch_prctl, which_supported, tile_data = 158, 0x1021, 18  # ARCH_GET_XCOMP_SUPP
    supported = ctypes.c_uint64()
    status = ctypes.CDLL(None).syscall(arch_prctl, which_supported, ctypes.byref(supported))
    return status == 0 and bool(supported.value >> tile_data & 1)


def usable_cpus(count: int) -> tuple[int, ...]:
    """Return the numbers of `count` processors that this process may use, in the order of order_processors()."""
    return tuple(order_processors(map(read_processor, allowed()))[:count])


def caches() -> list[str]:
    """Return the caches of the first processor that this process may use, such as 'L1d 32K'."""
    if values := darwin.own_values():
        return darwin.caches(values)
    names = []
    for index in sorted((SYSFS / f"cpu{usable_cpus(1)[0]}" / "cache").glob("index*")):
        kind = {"Data": "d", "Instruction": "i"}.get(read_text(index / "type"), "")
        names.append(f"L{read_text(index / 'level')}{kind} {read_text(index / 'size')}")
    return names


def snapshot() -> MachineSnapshot:
    """Return the state of the machine that changes during a run. A value that cannot be read is None."""
    memory = {}
    for line in read_text("/proc/meminfo").splitlines():
        key, _, value = line.partition(":")
        memory[key] = int(value.split()[0]) * 1024
    mhz = [float(line.split(":")[1]) for line in read_text("/proc/cpuinfo").splitlines() if line.startswith("cpu MHz")]
    zones = [read_text(path) for path in Path("/sys/class/thermal").glob("thermal_zone*/temp")]
    return MachineSnapshot(
        load=os.getloadavg()[0],
        mhz=max(mhz, default=None),
        temperature_c=max((int(zone) / 1000 for zone in zones if zone.lstrip("-").isdecimal()), default=None),
        swap_used_bytes=memory.get("SwapTotal", 0) - memory.get("SwapFree", 0),
        available_bytes=memory.get("MemAvailable"),
        memory_stall_us=_stall_us("memory"),
        cpu_stall_us=_stall_us("cpu"),
        gpus=gpu_states(),
    )


def _stall_us(resource: str) -> int | None:
    """Return the time in which some task waited for `resource` since boot, in us (pressure stall information)."""
    for line in read_text(f"/proc/pressure/{resource}").splitlines():
        if line.startswith("some"):
            return int(line.rpartition("total=")[2])
    return None


def _cpuinfo() -> dict[str, str]:
    if values := darwin.own_values():
        return darwin.cpu_info(values)
    return processor_info(read_text("/proc/cpuinfo"), usable_cpus(1)[0])


def processor_info(text: str, number: int) -> dict[str, str]:
    """Return the keys and values that the text of /proc/cpuinfo has on this processor.

    A chip may have processors of several designs. What the text does not say of this one, it says of an earlier one.
    """
    values: dict[str, str] = {}
    first: dict[str, str] = {}
    for block in text.split("\n\n"):
        pairs = [line.partition(":") for line in reversed(block.splitlines())]
        # of two equal keys of a processor, the first counts
        values = {key.strip(): value.strip() for key, _, value in pairs}
        first = values | first
        if values.get("processor") == str(number):
            return first | values
    return first


def _os_name() -> str:
    if platform.system() == "Darwin":
        return f"macOS {platform.mac_ver()[0]}"
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    except OSError:
        return platform.system()


def chosen(text: str) -> str:
    """Return the chosen word of a setting such as 'always [madvise] never'."""
    text = text.strip()
    return text[text.find("[") + 1 : text.find("]")] if "[" in text else text
