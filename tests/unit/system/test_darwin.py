"""Test what is read of a machine with macOS, on recorded output of its sysctl, and a system that cannot pin."""

from __future__ import annotations

import os

import pytest

from harness.system import calibration, darwin, host, noise, topology
from harness.system.cgroup import CgroupLimits
from harness.system.darwin import cpu_info, parse, performance_processors

M1 = parse("""hw.ncpu: 8
hw.memsize: 17179869184
hw.l1dcachesize: 65536
hw.perflevel0.logicalcpu: 4
hw.perflevel0.l1icachesize: 196608
hw.perflevel0.l1dcachesize: 131072
hw.perflevel0.l2cachesize: 12582912
hw.perflevel1.logicalcpu: 4
hw.optional.arm.FEAT_DotProd: 1
hw.optional.arm.FEAT_BF16: 0
hw.optional.arm64: 1
machdep.cpu.brand_string: Apple M1
machdep.cpu.core_count: 8
""")

I7 = parse("""hw.ncpu: 12
hw.memsize: 17179869184
hw.l1dcachesize: 32768
hw.l1icachesize: 32768
hw.l2cachesize: 262144
hw.l3cachesize: 12582912
machdep.cpu.brand_string: Intel(R) Core(TM) i7-9750H CPU @ 2.60GHz
machdep.cpu.vendor: GenuineIntel
machdep.cpu.family: 6
machdep.cpu.model: 158
machdep.cpu.stepping: 10
machdep.cpu.features: FPU VME SSE4.2 FMA AVX1.0 RDRAND
machdep.cpu.leaf7_features: BMI1 AVX2 BMI2
""")


@pytest.fixture
def macos(monkeypatch):
    """Return a function that makes this a machine with macOS, of which its sysctl says so much."""

    def be(values: dict[str, str]) -> None:
        monkeypatch.setattr(darwin, "own_values", lambda: values)
        monkeypatch.setattr(topology, "CAN_PIN", False)

    return be


def test_instruction_sets_have_linux_s_names():
    """By which kernel.yaml requires them."""
    assert {"avx2", "fma", "bmi2", "avx", "sse4_2"} <= set(cpu_info(I7)["flags"].split())
    assert set(cpu_info(M1)["flags"].split()) == {"asimddp", "fp", "asimd"}


def test_cpu_has_its_name_and_numbers(macos):
    macos(I7)

    assert host.cpu_model() == "Intel(R) Core(TM) i7-9750H CPU @ 2.60GHz"
    assert (host.describe().cpu_id.family, host.describe().cpu_id.model) == (6, 158)
    assert host.lacking(["avx2 | asimd"]) == "" and host.lacking(["avx512f"]) == "this CPU has no avx512f"


@pytest.mark.parametrize(
    ("values", "caches"),
    [(M1, ["L1d 128K", "L1i 192K", "L2 12288K"]), (I7, ["L1d 32K", "L1i 32K", "L2 256K", "L3 12288K"])],
    ids=["Apple M1", "Intel"],
)
def test_caches_are_those_of_a_performance_core(macos, values, caches):
    macos(values)

    assert host.caches() == caches


def test_memory_is_that_of_the_machine(macos, monkeypatch):
    macos(M1)
    monkeypatch.setattr(host, "own_limits", lambda: CgroupLimits(None, None))

    assert host.memory_bytes() == 2**34


def test_performance_cores_are_counted():
    assert performance_processors(M1) == 4
    assert performance_processors(I7) is performance_processors({}) is None


def test_a_system_that_cannot_pin_is_told(macos, monkeypatch):
    macos(M1)
    for name in ("sched_getaffinity", "sched_setaffinity"):
        monkeypatch.delattr(os, name)

    observations = [observation for observation, _ in noise.sources_of_noise((0,))]

    assert any(observation.startswith("this system cannot pin processes") for observation in observations)
    assert topology.allowed() == tuple(range(os.cpu_count() or 1))
    assert all(time_ns > 0 for time_ns in calibration.SpeedProbe(0).measure())


def test_another_system_is_not_asked(monkeypatch):
    darwin.own_values.cache_clear()

    assert darwin.own_values() == {}
