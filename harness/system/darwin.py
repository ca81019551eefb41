"""Read what macOS tells of a machine: it has neither /proc nor /sys. Tested on recorded output, on no real machine."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Mapping
from functools import cache

SECTIONS = ("hw", "machdep.cpu")
"""The parts of sysctl(8) that describe the hardware."""

FEATURES = {"avx1.0": "avx", "sse4.1": "sse4_1", "sse4.2": "sse4_2", "dotprod": "asimddp"}
"""Linux's names of instruction sets where macOS's differ by more than their case."""

CACHES = (("L1d", "l1dcachesize"), ("L1i", "l1icachesize"), ("L2", "l2cachesize"), ("L3", "l3cachesize"))

ARM_FEATURE = "hw.optional.arm.FEAT_"


@cache
def own_values() -> Mapping[str, str]:
    """Return what sysctl says of this machine; nothing on another system than macOS."""
    if platform.system() != "Darwin":
        return {}
    try:
        done = subprocess.run(["sysctl", *SECTIONS], capture_output=True, encoding="utf-8", check=False)
    except OSError:
        return {}
    return parse(done.stdout)


def parse(text: str) -> dict[str, str]:
    """Return the names and values of sysctl's output."""
    pairs = (line.partition(": ") for line in text.splitlines())
    return {name: value.strip() for name, _, value in pairs}


def cpu_info(values: Mapping[str, str]) -> dict[str, str]:
    """Return the CPU's name, numbers and instruction sets by the keys of Linux's /proc/cpuinfo."""
    keys = {
        "model name": "machdep.cpu.brand_string",
        "vendor_id": "machdep.cpu.vendor",
        "cpu family": "machdep.cpu.family",
        "model": "machdep.cpu.model",
        "stepping": "machdep.cpu.stepping",
    }
    info = {key: values[name] for key, name in keys.items() if name in values}
    words = f"{values.get('machdep.cpu.features', '')} {values.get('machdep.cpu.leaf7_features', '')}".lower().split()
    switches = [name for name in values if name.startswith(ARM_FEATURE) and on(values, name)]
    words += [name.removeprefix(ARM_FEATURE).lower() for name in switches]
    if on(values, "hw.optional.arm64"):
        words += ["fp", "asimd"]  # part of every 64-bit ARM of Apple's
    return info | {"flags": " ".join(FEATURES.get(word, word) for word in words)}


def on(values: Mapping[str, str], name: str) -> bool:
    """Return whether a switch of sysctl is on."""
    return values.get(name) == "1"


def caches(values: Mapping[str, str]) -> list[str]:
    """Return the caches of a performance core, such as 'L1d 128K'."""
    sizes = [(level, values.get(f"hw.perflevel0.{name}") or values.get(f"hw.{name}", "0")) for level, name in CACHES]
    return [f"{level} {int(size) // 1024}K" for level, size in sizes if int(size)]


def performance_processors(values: Mapping[str, str]) -> int | None:
    """Return the number of processors of performance cores; None where macOS tells of no kinds of cores."""
    count = values.get("hw.perflevel0.logicalcpu")
    return int(count) if count and "hw.perflevel1.logicalcpu" in values else None
