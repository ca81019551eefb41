"""What this machine is: read from the system, never guessed; what cannot be read is left out."""

from __future__ import annotations

import ctypes
import os
import platform
from collections.abc import Iterable
from pathlib import Path

from harness.model.machine import HostInfo, MachineSnapshot


def processors() -> int:
    """The processors that this process may run on, which in a container can be fewer than the machine's."""
    return len(os.sched_getaffinity(0))


def memory_bytes() -> int:
    """The machine's memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def describe() -> HostInfo:
    """The properties that a reader needs to compare two machines."""
    cpu = _cpuinfo()
    return HostInfo(
        cpu=cpu_model(),
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
        transparent_huge_pages=chosen(read("/sys/kernel/mm/transparent_hugepage/enabled")),
        aslr=read("/proc/sys/kernel/randomize_va_space"),
        governor=read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        load_at_start=os.getloadavg()[0],
    )


def cpu_model() -> str:
    """The processor's name."""
    cpu = _cpuinfo()
    return cpu.get("model name") or cpu.get("Processor") or platform.processor() or platform.machine()


def cpu_identity() -> str:
    """What code compiled for the CPU at hand depends on: its model and its instruction sets."""
    return f"{cpu_model()} {' '.join(sorted(cpu_features()))}"


def cpu_features() -> frozenset[str]:
    """Instruction sets by the kernel's names (avx512f, avx2, asimd); what kernel.yaml's `requires` names."""
    cpu = _cpuinfo()
    return frozenset((cpu.get("flags") or cpu.get("Features") or "").split())


def lacking(requires: Iterable[str]) -> str:
    """Why kernels that require these instruction sets cannot run here, in a sentence's end; empty if they can."""
    required = set(requires)
    if absent := sorted(required - cpu_features()):
        return f"this CPU has no {', '.join(absent)}"
    if (withheld := sorted(name for name in required if name.startswith("amx_"))) and not tiles_granted():
        return f"this system's kernel does not let programs use {', '.join(withheld)} of its CPU"
    return ""


def tiles_granted() -> bool:
    """Whether Linux would let a program use AMX: it saves the tiles only for programs that ask (5.16 and later)."""
    arch_prctl, which_supported, tile_data = 158, 0x1021, 18  # ARCH_GET_XCOMP_SUPP
    supported = ctypes.c_uint64()
    asked = ctypes.CDLL(None).syscall(arch_prctl, which_supported, ctypes.byref(supported))
    return asked == 0 and bool(supported.value >> tile_data & 1)


def usable_cpus(count: int) -> tuple[int, ...]:
    """The numbers of the first `count` processors that this process may use."""
    return tuple(sorted(os.sched_getaffinity(0))[:count])


def caches() -> list[str]:
    """The caches of the first processor, as 'L1d 32K'."""
    found = []
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        kind = {"Data": "d", "Instruction": "i"}.get(read(index / "type"), "")
        found.append(f"L{read(index / 'level')}{kind} {read(index / 'size')}")
    return found


def noise(cpus: tuple[int, ...]) -> list[tuple[str, str]]:
    """What on this machine can disturb a measurement on `cpus`: what was seen, and what to do."""
    found = []
    load = os.getloadavg()[0]
    if load > 0.5:
        found.append((f"other work is running: the load average is {load:.2f}", "stop it, or expect wide intervals"))
    if "hypervisor" in cpu_features():
        found.append(
            (
                "this is a virtual machine: its host can take processor time away",
                "repeat a run before believing a small difference",
            )
        )
    governor = read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    if governor and governor != "performance":
        found.append((f"the frequency governor is {governor}", "cpupower frequency-set -g performance"))
    pages = chosen(read("/sys/kernel/mm/transparent_hugepage/enabled"))
    if pages == "madvise":
        found.append(
            (
                "huge pages are on madvise: runtimes that ask for them (NumPy, Go) get them, plain malloc does not",
                "compare rows of different languages with this in mind",
            )
        )
    for shared in sorted({siblings for cpu in cpus if len(siblings := _siblings(cpu)) > 1}):
        numbers = " and ".join(map(str, shared))
        if len(set(shared) & set(cpus)) > 1:
            found.append(
                (f"processors {numbers} share a core, and both are used", "choose --threads with that in mind")
            )
        else:
            found.append((f"processors {numbers} share a core", "keep the others idle, or turn SMT off"))
    if read("/proc/sys/kernel/randomize_va_space") == "0":
        found.append(
            (
                "addresses are not randomised: every launch has the same layout, lucky or not",
                "echo 2 > /proc/sys/kernel/randomize_va_space",
            )
        )
    if swap := snapshot().swap_used_bytes:
        found.append((f"{swap / 2**20:,.0f} MiB are in swap", "free memory before the run"))
    for name, unlimited, what in (("cpu.max", "max", "processor time"), ("memory.max", "max", "memory")):
        limit = read(f"/sys/fs/cgroup/{name}")
        if limit and not limit.startswith(unlimited):
            found.append((f"the harness runs in a container with a limit on {what} ({limit})", "lift it for the run"))
    return found


def snapshot() -> MachineSnapshot:
    """What changes while a run goes on; taken before and after it. What cannot be read is left out."""
    memory = {}
    for line in read("/proc/meminfo").splitlines():
        key, _, value = line.partition(":")
        memory[key] = int(value.split()[0]) * 1024
    mhz = [float(line.split(":")[1]) for line in read("/proc/cpuinfo").splitlines() if line.startswith("cpu MHz")]
    zones = [read(path) for path in Path("/sys/class/thermal").glob("thermal_zone*/temp")]
    return MachineSnapshot(
        load=os.getloadavg()[0],
        mhz=max(mhz, default=None),
        temperature_c=max((int(zone) / 1000 for zone in zones if zone.lstrip("-").isdecimal()), default=None),
        swap_used_bytes=memory.get("SwapTotal", 0) - memory.get("SwapFree", 0),
        available_bytes=memory.get("MemAvailable"),
        memory_stall_us=_stall_us("memory"),
        cpu_stall_us=_stall_us("cpu"),
    )


def _stall_us(what: str) -> int | None:
    """Pressure stall information: the time in which some task waited for `what`, since boot."""
    for line in read(f"/proc/pressure/{what}").splitlines():
        if line.startswith("some"):
            return int(line.rpartition("total=")[2])
    return None


def _siblings(cpu: int) -> tuple[int, ...]:
    """The processors of this one's core."""
    numbers: list[int] = []
    for part in filter(None, read(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list").split(",")):
        first, _, last = part.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return tuple(numbers)


def _cpuinfo() -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in read("/proc/cpuinfo").splitlines():
        key, _, value = line.partition(":")
        fields.setdefault(key.strip(), value.strip())
    return fields


def _os_name() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    except OSError:
        return platform.system()


def chosen(text: str) -> str:
    """The chosen word of a setting such as 'always [madvise] never'."""
    text = text.strip()
    return text[text.find("[") + 1 : text.find("]")] if "[" in text else text


def read(path: str | Path) -> str:
    """The text of a file of the system's, without the space around it; empty if it cannot be read."""
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
