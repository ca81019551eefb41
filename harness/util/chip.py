"""Name a CPU so that a reader knows what it is, and say in what two machines differ. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.model.machine import CpuId, HostInfo

AMD, INTEL = "AuthenticAMD", "GenuineIntel"

X86_DESIGNS = {
    (AMD, 23): (
        (0x00, 0x07, "Zen"),
        (0x08, 0x08, "Zen+"),
        (0x09, 0x17, "Zen"),
        (0x19, 0x2F, "Zen"),
        (0x30, 0x4F, "Zen 2"),
        (0x50, 0x5F, "Zen"),
        (0x60, 0x7F, "Zen 2"),
        (0x90, 0x91, "Zen 2"),
        (0xA0, 0xAF, "Zen 2"),
    ),
    (AMD, 25): ((0x00, 0x0F, "Zen 3"), (0x10, 0x1F, "Zen 4"), (0x20, 0x5F, "Zen 3"), (0x60, 0xAF, "Zen 4")),
    (AMD, 26): ((0x00, 0x2F, "Zen 5"), (0x40, 0x4F, "Zen 5"), (0x60, 0x7F, "Zen 5")),
    (INTEL, 6): (
        (0x3F, 0x3F, "Haswell"),
        (0x4F, 0x4F, "Broadwell"),
        (0x6A, 0x6A, "Ice Lake-SP"),
        (0x8F, 0x8F, "Sapphire Rapids"),
        (0xAD, 0xAD, "Granite Rapids"),
        (0xCF, 0xCF, "Emerald Rapids"),
    ),
}
"""Microarchitectures by vendor and family: the first model, the last one, and the name.

Sources: Linux, arch/x86/kernel/cpu/amd.c (bsp_init_amd), drivers/hwmon/k10temp.c (Zen+) and
arch/x86/include/asm/intel-family.h. A CPU that is not in the table is shown by its numbers, without a guess. Model 0x18
of family 23 is left out, since it is Zen+ in some chips and Zen in others.
"""

SKYLAKE_SERVER_MODEL = 0x55
SKYLAKE_SERVER_STEPPINGS = {4: "Skylake-SP", 7: "Cascade Lake", 11: "Cooper Lake"}
"""Microarchitectures of Intel's family 6 model 0x55, which only the stepping tells apart."""

ARM_DESIGNS = {
    (0x41, 0xD03): "Cortex-A53",
    (0x41, 0xD08): "Cortex-A72",
    (0x41, 0xD0B): "Cortex-A76",
    (0x41, 0xD0C): "Neoverse N1",
    (0x41, 0xD40): "Neoverse V1",
    (0x41, 0xD49): "Neoverse N2",
    (0x41, 0xD4F): "Neoverse V2",
    (0x61, 0x022): "M1 Icestorm",
    (0x61, 0x023): "M1 Firestorm",
}
"""Microarchitectures by implementer and part: Linux, arch/arm64/include/asm/cputype.h."""

IMPLEMENTERS = {0x41: "ARM", 0x61: "Apple"}
"""Companies by the implementer's number in MIDR_EL1: Linux, arch/arm64/include/asm/cputype.h."""

VECTOR_SETS = (
    ("avx512f", "AVX-512"),
    ("avx2", "AVX2"),
    ("avx", "AVX"),
    ("sve2", "SVE2"),
    ("sve", "SVE"),
    ("asimd", "NEON"),
    ("sse2", "SSE2"),
)
"""Linux's names of the vector instruction sets and their usual ones, the widest of each architecture first."""

CODE_SETS = {
    "x86_64": ("sse", "ssse", "avx", "fma", "f16c", "bmi", "abm", "amx", "gfni", "vaes", "vpclmul"),
    "aarch64": ("asimd", "fp", "fcma", "sve", "sme", "bf16", "i8mm"),
}
"""How the features begin that change what fast code a CPU can run, by architecture.

A new version of Linux shows flags that an old one did not, and removes some for a mitigation. If those counted, each
update of the system would make another machine of the same one.
"""

MAX_NAMED = 3
"""Number of instruction sets that a difference names; AMX and AVX-512 are a dozen each."""


@dataclass(frozen=True)
class Difference:
    """The first property in which two machines differ, and what it is on each of them."""

    what: str
    before: str
    after: str


def chip_name(host: HostInfo) -> str:
    """Return a CPU's name with what it leaves open, as in 'AMD EPYC (Zen 4, family 25 model 17, AVX-512)'.

    In brackets are the microarchitecture, if it is known, the numbers that identify it, and the widest set of vector
    instructions. On ARM, where Linux has no name, the company that designed the CPU stands for it.
    """
    cpu = host.cpu_id
    known = [_design(cpu), _numbers(cpu), _widest(host.features)]
    details = ", ".join(text for text in known if text)
    company = IMPLEMENTERS.get(cpu.implementer or 0)
    name = company if company and host.cpu in ("", host.architecture) else host.cpu
    return f"{name} ({details})" if details else name


def count_processors(host: HostInfo) -> str:
    """Return the number of a machine's processors in words, such as '20 processors, 4 of them efficiency cores'."""
    slow = f", {host.efficiency_processors} of them efficiency cores" if host.efficiency_processors else ""
    return _count(host.processors) + slow


def difference(before: HostInfo, after: HostInfo) -> Difference | None:
    """Return the first property by which two machines are not the same one; None if there is none.

    Instruction sets and caches that either machine did not tell are not compared.
    """
    if before.architecture != after.architecture:
        return Difference("architecture", before.architecture, after.architecture)
    if (before.cpu, before.cpu_id) != (after.cpu, after.cpu_id):
        return Difference("CPU", _identified(before, after.cpu_id), _identified(after, before.cpu_id))
    sets = [_code_sets(host) for host in (before, after)]
    if all(sets) and sets[0] != sets[1]:
        return Difference("instruction set", _having(sets[0] - sets[1]), _having(sets[1] - sets[0]))
    if before.caches and after.caches and before.caches != after.caches:
        return Difference("set of caches", ", ".join(before.caches), ", ".join(after.caches))
    if before.processors != after.processors:
        return Difference("number of processors", _count(before.processors), _count(after.processors))
    return None


def _design(cpu: CpuId) -> str:
    """Return the microarchitecture of a CPU; empty if it is not in the tables."""
    if cpu.implementer is not None and cpu.part is not None:
        return ARM_DESIGNS.get((cpu.implementer, cpu.part), "")
    if (cpu.vendor, cpu.family, cpu.model) == (INTEL, 6, SKYLAKE_SERVER_MODEL):
        return SKYLAKE_SERVER_STEPPINGS.get(-1 if cpu.stepping is None else cpu.stepping, "")
    models = X86_DESIGNS.get((cpu.vendor or "", cpu.family or 0), ())
    return next((name for first, last, name in models if cpu.model is not None and first <= cpu.model <= last), "")


def _numbers(cpu: CpuId) -> str:
    """Return the numbers that identify a CPU's design: 'family 25 model 17', 'part 0xd0c'; empty without any."""
    if cpu.part is not None:
        implementer = "" if cpu.implementer in IMPLEMENTERS else f"implementer {_hex(cpu.implementer, 2)} "
        return f"{implementer}part {_hex(cpu.part, 3)}"
    return f"family {cpu.family} model {cpu.model}" if cpu.family is not None else ""


def _widest(features: Sequence[str]) -> str:
    return next((name for feature, name in VECTOR_SETS if feature in features), "")


def _identified(host: HostInfo, other: CpuId) -> str:
    """Return a CPU with its numbers: 'AMD EPYC (family 25, model 1)'; details only where they differ from another's."""
    cpu = host.cpu_id
    numbers = [
        (True, "family", cpu.family),
        (True, "model", cpu.model),
        (cpu.stepping != other.stepping, "stepping", cpu.stepping),
        (cpu.vendor != other.vendor, "vendor", cpu.vendor),
        (True, "implementer", _hex(cpu.implementer, 2)),
        (True, "part", _hex(cpu.part, 3)),
        (cpu.variant != other.variant, "variant", cpu.variant),
        (cpu.revision != other.revision, "revision", cpu.revision),
    ]
    shown = ", ".join(f"{name} {value}" for show, name, value in numbers if show and value is not None)
    return f"{host.cpu} ({shown})" if shown else host.cpu


def _hex(number: int | None, digits: int) -> str | None:
    return None if number is None else f"0x{number:0{digits}x}"


def _code_sets(host: HostInfo) -> set[str]:
    prefixes = CODE_SETS.get(host.architecture, ("",))
    return {feature for feature in host.features if feature.startswith(prefixes)}


def _having(features: Iterable[str]) -> str:
    names = sorted(features)
    if not names:
        return "without"
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return f"with {', '.join(names[:MAX_NAMED])}{more}"


def _count(processors: int) -> str:
    return f"{processors} processor" + ("s" if processors != 1 else "")
