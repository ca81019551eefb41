"""Test how a CPU is named for readers, and which machines are not the same."""

from __future__ import annotations

import pytest

from harness.model.machine import CpuId, HostInfo
from harness.util.chip import Difference, chip_name, difference
from tests import factories

ZEN_3 = CpuId("AuthenticAMD", 25, 1, 1)
ZEN_4 = CpuId("AuthenticAMD", 25, 17, 1)
N1 = CpuId(implementer=0x41, part=0xD0C, variant=3, revision=1)


def epyc(cpu_id: CpuId = ZEN_4, features: tuple[str, ...] = ("sse2", "avx2", "avx512f"), **fields) -> HostInfo:
    """Return a machine whose CPU has the name that several designs share."""
    return factories.host(cpu="AMD EPYC", cpu_id=cpu_id, features=features, **fields)


def arm(cpu_id: CpuId = N1, features: tuple[str, ...] = ("fp", "asimd"), **fields) -> HostInfo:
    """Return an ARM machine, whose CPU Linux gives no name."""
    return factories.host(cpu="aarch64", architecture="aarch64", cpu_id=cpu_id, features=features, **fields)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        (epyc(), "AMD EPYC (Zen 4, family 25 model 17, AVX-512)"),
        (epyc(ZEN_3, ("sse2", "avx", "avx2")), "AMD EPYC (Zen 3, family 25 model 1, AVX2)"),
        (epyc(CpuId("AuthenticAMD", 99, 1)), "AMD EPYC (family 99 model 1, AVX-512)"),
        (epyc(CpuId("HygonGenuine", 25, 17)), "AMD EPYC (family 25 model 17, AVX-512)"),
        (arm(), "ARM (Neoverse N1, part 0xd0c, NEON)"),
        (arm(CpuId(implementer=0x61, part=0x22), ("asimd", "sve")), "Apple (M1 Icestorm, part 0x022, SVE)"),
        (arm(CpuId(implementer=0x41, part=0xFFF), ("sve", "sve2")), "ARM (part 0xfff, SVE2)"),
        (arm(CpuId(implementer=0x77, part=0xD0C)), "aarch64 (implementer 0x77 part 0xd0c, NEON)"),
        (factories.host(cpu="POWER9", cpu_id=CpuId(), features=()), "POWER9"),
    ],
)
def test_chip_is_named_with_what_its_name_leaves_open(host, name):
    assert chip_name(host) == name


@pytest.mark.parametrize(
    ("family", "model", "design"),
    [
        (23, 0x01, "Zen"),
        (23, 0x08, "Zen+"),
        (23, 0x31, "Zen 2"),
        (25, 0x21, "Zen 3"),
        (25, 0x61, "Zen 4"),
        (26, 0x02, "Zen 5"),
        (26, 0x44, "Zen 5"),
    ],
)
def test_designs_of_amd(family, model, design):
    assert f"({design}, family" in chip_name(epyc(CpuId("AuthenticAMD", family, model)))


@pytest.mark.parametrize(("family", "model"), [(23, 0x18), (26, 0x50), (25, 0xB0)])
def test_models_that_have_no_certain_design_are_numbers(family, model):
    assert chip_name(epyc(CpuId("AuthenticAMD", family, model))).startswith(f"AMD EPYC (family {family} model")


@pytest.mark.parametrize(
    ("model", "stepping", "design"),
    [
        (0x3F, 2, "Haswell"),
        (0x55, 4, "Skylake-SP"),
        (0x55, 7, "Cascade Lake"),
        (0x55, 11, "Cooper Lake"),
        (0x8F, 8, "Sapphire Rapids"),
    ],
)
def test_designs_of_intel(model, stepping, design):
    host = factories.host(cpu="Intel Xeon", cpu_id=CpuId("GenuineIntel", 6, model, stepping))
    assert f"({design}, family 6 model {model}" in chip_name(host)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (epyc(ZEN_3), epyc(), ("CPU", "AMD EPYC (family 25, model 1)", "AMD EPYC (family 25, model 17)")),
        (
            epyc(),
            epyc(CpuId("AuthenticAMD", 25, 17, 2)),
            ("CPU", "AMD EPYC (family 25, model 17, stepping 1)", "AMD EPYC (family 25, model 17, stepping 2)"),
        ),
        (
            arm(),
            arm(CpuId(implementer=0x41, part=0xD40, variant=3, revision=1)),
            ("CPU", "aarch64 (implementer 0x41, part 0xd0c)", "aarch64 (implementer 0x41, part 0xd40)"),
        ),
        (factories.host(), factories.host(cpu="another"), ("CPU", "a CPU", "another")),
        (epyc(), arm(), ("architecture", "x86_64", "aarch64")),
        (
            epyc(features=("avx2", "avx512f", "avx512bw", "avx512vl", "avx512dq")),
            epyc(features=("avx2",)),
            ("instruction set", "with avx512bw, avx512dq, avx512f and 1 more", "without"),
        ),
        (epyc(), epyc(caches=("L1d 48K",)), ("set of caches", "L1d 32K", "L1d 48K")),
        (epyc(), epyc(processors=1), ("number of processors", "2 processors", "1 processor")),
    ],
)
def test_other_machine_is_told_by_what_differs(before, after, expected):
    assert difference(before, after) == Difference(*expected)


@pytest.mark.parametrize(
    "after",
    [
        epyc(),
        epyc(features=("sse2", "avx2", "avx512f", "hypervisor", "ibrs")),
        epyc(features=()),
        epyc(caches=()),
        epyc(microcode="2", os="another OS", kernel="7", load_at_start=1.0),
    ],
)
def test_same_machine_with_another_system_is_the_same(after):
    """An update of Linux changes which flags it shows; a container may show no caches."""
    assert difference(epyc(), after) is None
