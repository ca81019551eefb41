"""Test the reading of energy counters, on a folder as powercap has it."""

from __future__ import annotations

import pytest

from harness.system.energy import EnergyMeter, zones_of
from tests.powercap import RANGE_UJ, write_two_sockets, write_zone


def add(zone, energy_uj: int) -> None:
    path = zone / "energy_uj"
    path.write_text(f"{int(path.read_text()) + energy_uj}\n")


def test_packages_and_their_memory_are_zones_and_nothing_else(tmp_path):
    write_two_sockets(tmp_path)

    assert [(zone.name, zone.domain) for zone in zones_of(tmp_path)] == [
        ("intel-rapl:0", "package"),
        ("intel-rapl:0:1", "dram"),
        ("intel-rapl:1", "package"),
        ("intel-rapl:1:0", "dram"),
    ]


def test_energy_of_all_sockets_is_added_by_domain(tmp_path):
    written = write_two_sockets(tmp_path)
    meter = EnergyMeter(tmp_path)
    before = meter.read()

    for folder, energy_uj in (("intel-rapl:0", 5), ("intel-rapl:1", 7), ("intel-rapl:0:1", 2), ("intel-rapl:2", 99)):
        add(written[folder], energy_uj)

    assert meter.used_uj(before, meter.read(), 1.0) == {"package": 12, "dram": 2}


def test_counter_that_began_anew_is_counted_on(tmp_path):
    zone = write_zone(tmp_path, "intel-rapl:0", "package-0", RANGE_UJ - 10)
    meter = EnergyMeter(tmp_path)
    before = meter.read()

    (zone / "energy_uj").write_text("15\n")

    assert meter.used_uj(before, meter.read(), 1.0) == {"package": 25}


def test_launch_in_which_a_counter_may_begin_anew_twice_has_no_energy(tmp_path):
    write_zone(tmp_path, "intel-rapl:0", "package-0", 0, range_uj=65_000_000_000)
    write_zone(tmp_path, "intel-rapl:0:0", "dram", 0, range_uj=10**15)
    meter = EnergyMeter(tmp_path)

    assert meter.used_uj(meter.read(), meter.read(), 129.0) == {"package": 0, "dram": 0}
    assert meter.used_uj(meter.read(), meter.read(), 131.0) == {"dram": 0}


def test_counter_that_is_lost_meanwhile_has_no_energy(tmp_path):
    written = write_two_sockets(tmp_path)
    meter = EnergyMeter(tmp_path)
    before = meter.read()

    (written["intel-rapl:1"] / "energy_uj").unlink()

    assert meter.used_uj(before, meter.read(), 1.0) == {"dram": 0}


def test_power_at_rest_is_by_domain(tmp_path):
    write_two_sockets(tmp_path)

    assert EnergyMeter(tmp_path).support(idle_s=0.001).idle_w == {"package": 0.0, "dram": 0.0}


@pytest.mark.parametrize("content", [None, ""])
def test_counters_that_may_not_be_read_are_a_sentence_with_a_remedy(tmp_path, content):
    zone = write_zone(tmp_path, "intel-rapl:0", "package-0", 0)
    (zone / "energy_uj").unlink()
    if content is not None:
        (zone / "energy_uj").write_text(content)

    support = EnergyMeter(tmp_path).support()

    assert support.idle_w == {} and support.reason == "only root may read the energy counters"
    assert support.remedy == "sudo chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj"


def test_machine_without_counters_is_a_sentence(tmp_path):
    support = EnergyMeter(tmp_path / "powercap").support()

    assert support.reason == "this machine shows no energy counters, as most virtual machines do not"
    assert EnergyMeter(tmp_path / "powercap").read() == {}
