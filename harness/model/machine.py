"""Define a machine's identity, its state before and after a run, and its measured peak."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class CpuId:
    """The numbers by which a CPU identifies its design; None for those that its architecture has not.

    A name does not identify it: "AMD EPYC" is Zen 3 without AVX-512 as well as Zen 4 with it, and Linux gives no name
    on ARM. The first four are CPUID's on x86, the others the fields of MIDR_EL1 on ARM.
    """

    vendor: str | None = None
    family: int | None = None
    model: int | None = None
    stepping: int | None = None
    implementer: int | None = None
    part: int | None = None
    variant: int | None = None
    revision: int | None = None


@dataclass(frozen=True)
class HostInfo:
    """The properties that a reader needs to compare two machines; an empty text is one that cannot be read.

    `cpu` is the CPU's name as Linux gives it, `processors` the number of those that the run may use, and `features`
    are the flags that Linux shows, instruction sets among them. `efficiency_processors` are those of `processors` whose
    cores are slower by design.
    """

    cpu: str
    cpu_id: CpuId
    architecture: str
    processors: int
    features: tuple[str, ...]
    mhz_at_start: str
    microcode: str
    caches: tuple[str, ...]
    memory_bytes: int
    os: str
    kernel: str
    python: str
    hypervisor: bool
    transparent_huge_pages: str
    aslr: str
    governor: str
    load_at_start: float
    efficiency_processors: int = 0


@dataclass(frozen=True)
class GpuState:
    """The state of a GPU at one moment; None for what it does not tell.

    `sm_mhz` is the frequency of its multiprocessors, whose largest is `max_sm_mhz`; `memory_mhz` that of its memory.
    `slowed_s` are the seconds, since the driver was loaded, in which the clocks were held down, by the reason.
    """

    name: str
    driver: str
    sm_mhz: float | None = None
    max_sm_mhz: float | None = None
    memory_mhz: float | None = None
    temperature_c: float | None = None
    power_w: float | None = None
    slowed_s: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class MachineSnapshot:
    """The state of the machine at one moment; None for what cannot be read.

    `memory_stall_us` and `cpu_stall_us` are Linux's pressure stall information: the time since boot in which some
    task waited for memory or for a processor.
    """

    load: float | None = None
    mhz: float | None = None
    temperature_c: float | None = None
    swap_used_bytes: int | None = None
    available_bytes: int | None = None
    memory_stall_us: int | None = None
    cpu_stall_us: int | None = None
    gpus: tuple[GpuState, ...] = ()


@dataclass(frozen=True)
class MachineSnapshots:
    """The state of the machine before the kernels were measured, and after."""

    before: MachineSnapshot
    after: MachineSnapshot | None = None


@dataclass(frozen=True)
class DevicePeak:
    """The measured peak of a device: GFLOPS in float64 by the way of computing, and GB/s of a copy in its memory.

    The ways are `FMA` and, on tensor cores, `mma`. `clock_ratio` is the time by the device's own clock divided by the
    time that the host waited.
    """

    device: str
    gflops: dict[str, float]
    memory_gbs: float
    clock_ratio: float

    @property
    def best_gflops(self) -> float:
        """The rate of the fastest way."""
        return max(self.gflops.values())


@dataclass(frozen=True)
class Peak:
    """The measured peak by number of threads: GFLOPS of the vector units, and GB/s from memory.

    `isa` is the instruction set that reached the GFLOPS. `engine_gops` are 10^9 operations per second of the matrix
    engine on bytes; empty without one. `devices` are the peaks of the languages' devices, by the language's name.
    """

    isa: str
    gflops: dict[int, float]
    memory_gbs: dict[int, float] = field(default_factory=dict)
    engine_gops: dict[int, float] = field(default_factory=dict)
    devices: dict[str, DevicePeak] = field(default_factory=dict)
