"""Test which events are counted on which CPU, and what is said where none can be."""

from __future__ import annotations

import errno

import pytest

from harness.model.counters import CounterEvent
from harness.model.machine import CpuId
from harness.system.cpu_counters import can_count, supported

INTEL = CpuId("GenuineIntel", 6, 143, 8)
ZEN_5 = CpuId("AuthenticAMD", 26, 2, 1)
ZEN_3 = CpuId("AuthenticAMD", 25, 1, 1)


def names(support):
    return [[event.name for event in events] for events in support.sets]


@pytest.fixture
def events(tmp_path):
    """Return the folder in which Linux names the top-down events of an Intel CPU."""
    described = {"slots": "0x4", "topdown-retiring": "0x80", "topdown-fe-bound": "0x82", "topdown-be-bound": "0x83"}
    for name, mask in described.items():
        (tmp_path / name).write_text(f"event=0x00,umask={mask}\n")
    return tmp_path


def test_intel_counts_flops_by_width_and_slots_in_one_group(events):
    support = supported(INTEL, events, lambda _: 0, "2")

    assert names(support) == [
        ["cycles", "instructions", "cache-misses", "branches", "branch-misses"],
        ["cycles", "instructions", "flops-64", "flops-128", "flops-256", "flops-512"],
        ["slots", "retired-slots", "frontend-slots", "backend-slots"],
    ]
    assert support.sets[2][1] == CounterEvent("retired-slots", 4, 0x8000, grouped=True)
    assert support.sets[1][5].config == 0x40C7


def test_intel_without_slots_counts_the_rest(tmp_path):
    assert len(supported(INTEL, tmp_path, lambda _: 0, "2").sets) == 2


def test_zen_5_has_eight_slots_a_cycle(tmp_path):
    support = supported(ZEN_5, tmp_path, lambda _: 0, "2")

    assert names(support)[2] == ["cycles", "frontend-slots", "backend-slots", "retired-slots"]
    assert support.slots_per_cycle == 8 and support.sets[2][1].config == 0x1000001A0


def test_other_cpus_count_what_all_cpus_count(tmp_path):
    for cpu in (ZEN_3, CpuId(implementer=0x41, part=0xD0C)):
        assert names(supported(cpu, tmp_path, lambda _: 0, "2")) == [
            ["cycles", "instructions", "cache-misses", "branches", "branch-misses"]
        ]


def test_event_that_the_cpu_lacks_is_left_out(tmp_path):
    support = supported(ZEN_5, tmp_path, lambda events: errno.ENOENT if events[-1].name == "operations-512" else 0, "2")

    assert "operations-512" not in names(support)[1] and "operations-256" in names(support)[1]


def test_events_take_turns_by_rounds(tmp_path):
    support = supported(ZEN_5, tmp_path, lambda _: 0, "2")

    assert [support.set_of(number) for number in (3, 4, 5)] == list(support.sets)


@pytest.mark.parametrize(
    ("error", "paranoid", "reason", "remedy"),
    [
        (errno.EACCES, "3", "kernel.perf_event_paranoid is 3", "sudo sysctl kernel.perf_event_paranoid=2"),
        (errno.EPERM, "2", "a filter of system calls", ""),
        (errno.ENOENT, "2", "this machine's CPU shows no counters", "a virtual PMU"),
        (errno.EOPNOTSUPP, "2", "this machine's CPU shows no counters", "a virtual PMU"),
        (errno.ENOSYS, "", "the system refuses perf_event_open", ""),
    ],
)
def test_reason_why_nothing_is_counted_is_a_sentence(tmp_path, error, paranoid, reason, remedy):
    support = supported(ZEN_5, tmp_path, lambda _: error, paranoid)

    assert support.sets == () and support.set_of(7) == ()
    assert support.reason.startswith(reason) and remedy in support.remedy


def test_unknown_event_is_an_error_of_the_system():
    assert can_count([CounterEvent("nothing", 1, 10**6)]) != 0
