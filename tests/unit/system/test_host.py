"""Test how settings of the machine are read, and what it lacks for a kernel."""

from __future__ import annotations

import pytest

from harness.model.machine import CpuId
from harness.system import host
from harness.system.cgroup import CgroupLimits
from harness.system.topology import Processor


@pytest.mark.parametrize(("text", "expected"), [("always [madvise] never\n", "madvise"), ("2\n", "2")])
def test_chosen_word_of_a_setting(text, expected):
    """The chosen word is the one in brackets, or the only one."""
    assert host.chosen(text) == expected


def test_cpu_without_the_engine_is_a_reason(monkeypatch):
    monkeypatch.setattr(host, "cpu_features", lambda: frozenset({"avx2"}))

    assert host.lacking(("amx_tile", "amx_int8", "avx2")) == "this CPU has no amx_int8, amx_tile"
    assert host.lacking(("avx2",)) == ""
    assert host.lacking(("avx2 | asimd",)) == ""
    assert host.lacking(("sve | asimd", "avx2")) == "this CPU has no sve or asimd"


def test_system_that_withholds_the_engine_is_a_reason(monkeypatch):
    monkeypatch.setattr(host, "cpu_features", lambda: frozenset({"amx_tile", "amx_int8"}))

    monkeypatch.setattr(host, "tiles_granted", lambda: False)
    assert "does not let programs use amx_int8, amx_tile" in host.lacking(("amx_tile", "amx_int8"))

    monkeypatch.setattr(host, "tiles_granted", lambda: True)
    assert host.lacking(("amx_tile", "amx_int8")) == ""


X86 = """processor\t: 0
vendor_id\t: AuthenticAMD
cpu family\t: 25
model\t\t: 17
model name\t: AMD EPYC
stepping\t: 1

processor\t: 1
model\t\t: 18
"""

ARM = """processor\t: 0
CPU implementer\t: 0x41
CPU variant\t: 0x1
CPU part\t: 0xd05
CPU revision\t: 0

processor\t: 4
CPU implementer\t: 0x41
CPU variant\t: 0x3
CPU part\t: 0xd0c
CPU revision\t: 1
"""


def test_numbers_of_an_x86_cpu():
    found = host.cpu_id_of(host.processor_info(X86, 0))

    assert found == CpuId(vendor="AuthenticAMD", family=25, model=17, stepping=1)


def test_numbers_are_those_of_the_processor_that_is_used():
    """The processors of one ARM chip may be of several designs."""
    found = host.cpu_id_of(host.processor_info(ARM, 4))

    assert found == CpuId(implementer=0x41, part=0xD0C, variant=3, revision=1)


def test_what_a_processor_lacks_is_taken_from_an_earlier_one():
    assert host.processor_info(X86, 1) == host.processor_info(X86, 0) | {"processor": "1", "model": "18"}


def test_processor_that_is_not_listed_has_the_first_values():
    assert host.processor_info(X86, 9)["model"] == "17"


def test_numbers_that_linux_does_not_know_are_none():
    assert host.cpu_id_of({"cpu family": "unknown", "model": "IBM,8286"}) == CpuId()


def test_artefacts_of_two_cpus_of_one_name_are_not_shared(monkeypatch):
    info = {"model name": "AMD EPYC", "vendor_id": "AuthenticAMD", "cpu family": "25", "flags": "avx2"}
    identities = []
    for model in ("1", "17"):
        monkeypatch.setattr(host, "_cpuinfo", lambda model=model: info | {"model": model})
        identities.append(host.cpu_identity())

    assert identities[0] != identities[1]


@pytest.mark.parametrize(("quota", "threads"), [(None, 2), (1.5, 1)], ids=["without a quota", "with a quota"])
def test_all_threads_are_those_of_performance_cores(monkeypatch, quota, threads):
    speeds = {0: 1000, 1: 1000, 2: 500, 3: 500}
    monkeypatch.setattr(host, "allowed", lambda: tuple(speeds))
    monkeypatch.setattr(host, "read_processor", lambda number: Processor(number, (number,), speeds[number]))
    monkeypatch.setattr(host, "own_limits", lambda: CgroupLimits(quota, None))

    assert host.performance_processors() == threads
