"""Define the energy that a machine measures, and that of a kernel."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class EnergySupport:
    """Whether the machine's energy may be read, or the reason why not.

    `idle_w` is the power of the machine at rest in watts, by domain: "package" (the processors with their caches),
    "dram" (the memory), and "gpu" (all GPUs). It is empty where nothing may be read.
    """

    idle_w: dict[str, float] = field(default_factory=dict)
    reason: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class Energy:
    """The energy of one product of a kernel in joules, beyond what the machine takes at rest.

    Medians over `launches`; None for a domain that the machine does not measure, and for the GPUs where the kernel does
    not compute on one. `estimated` is true if it follows from some of the rows.
    """

    package_j: float | None
    dram_j: float | None
    launches: int
    estimated: bool
    gpu_j: float | None = None
