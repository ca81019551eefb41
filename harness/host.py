"""What this machine is: read from the system, never guessed; what cannot be read is left out."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

from harness.config import memory_bytes, processors


def describe() -> dict[str, Any]:
    """The facts that a reader needs to compare two machines."""
    cpu = _cpuinfo()
    return {
        "cpu": cpu_model(),
        "architecture": platform.machine(),
        "processors": processors(),
        "features": sorted(cpu_features()),
        "mhz_at_start": cpu.get("cpu MHz", ""),
        "microcode": cpu.get("microcode", ""),
        "caches": caches(),
        "memory_bytes": memory_bytes(),
        "os": _os_name(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "hypervisor": "hypervisor" in cpu_features(),
        "transparent_huge_pages": _choice("/sys/kernel/mm/transparent_hugepage/enabled"),
        "governor": _read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        "load_at_start": os.getloadavg()[0],
    }


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


def usable_cpus(count: int) -> tuple[int, ...]:
    """The numbers of the first `count` processors that this process may use."""
    return tuple(sorted(os.sched_getaffinity(0))[:count])


def caches() -> list[str]:
    """The caches of the first processor, as 'L1d 32K'."""
    found = []
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        kind = {"Data": "d", "Instruction": "i"}.get(_read(index / "type"), "")
        found.append(f"L{_read(index / 'level')}{kind} {_read(index / 'size')}")
    return found


def noise() -> list[tuple[str, str]]:
    """What on this machine can disturb a measurement: what was seen, and what to do."""
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
    governor = _read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    if governor and governor != "performance":
        found.append((f"the frequency governor is {governor}", "cpupower frequency-set -g performance"))
    pages = _choice("/sys/kernel/mm/transparent_hugepage/enabled")
    if pages == "madvise":
        found.append(
            (
                "huge pages are on madvise: runtimes that ask for them (NumPy, Go) get them, plain malloc does not",
                "compare rows of different languages with this in mind",
            )
        )
    if _read("/sys/devices/system/cpu/smt/active") == "1":
        found.append(("SMT is on: two processors may share a core", "choose --threads with that in mind"))
    return found


def _cpuinfo() -> dict[str, str]:
    facts: dict[str, str] = {}
    for line in _read("/proc/cpuinfo").splitlines():
        key, _, value = line.partition(":")
        facts.setdefault(key.strip(), value.strip())
    return facts


def _os_name() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    except OSError:
        return platform.system()


def _choice(path: str) -> str:
    """The chosen word of a file such as 'always [madvise] never'."""
    text = _read(path)
    return text[text.find("[") + 1 : text.find("]")] if "[" in text else text


def _read(path: str | Path) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
