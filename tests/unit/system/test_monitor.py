"""Test the counters of the machine, and what they show beside a launch."""

from __future__ import annotations

import os

from harness.system.energy import EnergyMeter
from harness.system.monitor import Watcher, counters
from tests import factories
from tests.powercap import write_zone


def compute(seconds: float) -> None:
    """Use this much processor time."""
    end = os.times().user + seconds
    while os.times().user < end:
        pass


def test_counters_grow_with_processor_time():
    before = counters()

    compute(0.2)

    after = counters()
    assert after.busy_ns - before.busy_ns >= 100e6
    assert after.steal_ns >= before.steal_ns


def test_processor_time_of_others_is_what_the_launch_did_not_use():
    watcher = Watcher(min(os.sched_getaffinity(0)))
    before = watcher.before()
    compute(0.3)

    delta = watcher.after(before, factories.job_result(user_ns=0))

    assert delta.others_cpu_ns >= 200e6
    assert delta.core_ns == before.core_ns


def test_energy_of_a_launch_is_that_of_the_machine_meanwhile(tmp_path):
    zone = write_zone(tmp_path, "intel-rapl:0", "package-0", 1_000_000)
    watcher = Watcher(min(os.sched_getaffinity(0)), EnergyMeter(tmp_path))
    before = watcher.before()
    (zone / "energy_uj").write_text("1750000\n")

    delta = watcher.after(before, factories.job_result())

    assert (delta.package_uj, delta.dram_uj) == (750_000, None)
