"""Tell whether this machine has what a kernel needs besides its toolchain: features of the CPU, and a device."""

from __future__ import annotations

from pathlib import Path

from harness.model.kernel import Kernel
from harness.system.host import lacking

NVIDIA_NODES = (Path("/dev/nvidiactl"), Path("/dev/dxg"))
"""The file by which programs reach NVIDIA's driver: on Linux, and on Linux inside Windows (WSL)."""


def lacking_for(kernel: Kernel) -> str:
    """Return the reason why a kernel cannot run on this machine, whatever its toolchain; empty if it can."""
    return lacking(kernel.requires) or lacking_device(kernel.toolchain.device)


def lacking_device(device: str) -> str:
    """Return the reason why there is no such device, as `device` of kernel.yaml names it; empty if there is."""
    if device == "nvidia" and not any(node.exists() for node in NVIDIA_NODES):
        return "this machine has no NVIDIA GPU with a driver"
    return ""
