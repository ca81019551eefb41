"""Test what the page shows of the events that the CPU counted, and of energy."""

from __future__ import annotations

import re
from dataclasses import replace

from harness.analysis.machine_counters import with_counters
from harness.analysis.run_findings import changes
from harness.model.counters import CounterReading, CounterSupport
from harness.model.energy import EnergySupport
from harness.model.machine import GpuState, MachineSnapshot, MachineSnapshots
from harness.model.sample import SystemDelta
from harness.report.render import render
from tests import factories

STEPS = 2 * 4096**3  # of a launch: two calls

ENERGY = EnergySupport({"package": 20.0, "dram": 3.0})


def counted(results, counters: CounterSupport, energy: EnergySupport, running: float = 1.0):
    """Return results in whose launches the CPU counted 0.5 cycles a multiply-add, and 1000 J were used."""
    cycles = CounterReading("cycles", STEPS // 2, 1000, round(1000 * running))
    instructions = CounterReading("instructions", STEPS, 1000, 1000)
    system = SystemDelta(package_uj=1_000_000_000, dram_uj=100_000_000)
    samples = {
        name: [replace(sample, counters=(cycles, instructions), system=system) for sample in taken]
        for name, taken in results.samples.items()
    }
    record = replace(results.record, counters=counters, energy=energy)
    return replace(results, rows=with_counters(results.rows, samples, counters, energy), record=record, samples=samples)


def table(page: str, title: str) -> str:
    return re.search(rf"<h3>{title}</h3>.*?</table>\n</div>\n<p>.*?</p>", page, re.S)[0]


def test_events_are_shown_for_a_multiply_add(tmp_path):
    results = factories.measured_results(tmp_path, {"c/packed": 1.0, "c/naive": 10.0})

    text = table(render(counted(results, CounterSupport(slots_per_cycle=8), EnergySupport())), "Counted by the CPU")

    assert re.findall(r"<a href=\"#(.*?)\"", text) == ["c/naive", "c/packed"]  # by rung
    assert text.count('<td class="n">0.500</td>\n<td class="n">1.00</td>\n<td class="n">2.00</td>') == 2
    assert "scaled up" not in text


def test_events_that_were_counted_in_part_of_the_time_are_told(tmp_path):
    results = factories.measured_results(tmp_path, {"c/naive": 10.0})

    text = table(render(counted(results, CounterSupport(), EnergySupport(), running=0.25)), "Counted by the CPU")

    assert "some events were counted in 25% of a launch" in text


def test_energy_is_shown_by_rung_without_that_at_rest(tmp_path):
    results = factories.measured_results(tmp_path, {"zig/packed": 1.0, "c/packed": 2.0, "c/naive": 10.0})

    text = table(render(counted(results, CounterSupport(), ENERGY)), "Energy")

    rows = re.findall(r'<a href="#(.*?)">.*?<td class="n">(.*?)</td><td class="n">(.*?)</td>', text)
    assert rows == [("c/naive", "300", "20.0"), ("c/packed", "460", "44.0"), ("zig/packed", "480", "47.0")]
    assert "processors 20.0 W, memory 3.00 W" in text and "no language is ranked" in text


def test_machine_that_counts_nothing_has_two_sentences_and_no_table(tmp_path):
    results = factories.measured_results(tmp_path, {"c/naive": 10.0})
    no_counters = CounterSupport(reason="this machine's CPU shows no counters", remedy="a virtual PMU")
    no_energy = EnergySupport(reason="only root may read the energy counters")
    record = replace(results.record, counters=no_counters, energy=no_energy)

    page = render(replace(results, record=record))

    assert (
        "<p>The CPU counted nothing: this machine&#39;s CPU shows no counters. What would give them: a virtual PMU.</p>"
        in page
    )
    assert "<p>Energy was not measured: only root may read the energy counters.</p>" in page
    assert "Counted by the CPU" not in page and "<h3>Energy</h3>" not in page


def test_run_of_an_earlier_version_says_nothing_of_counters(tmp_path):
    page = render(factories.measured_results(tmp_path, {"c/naive": 10.0}))

    assert "counted nothing" not in page and "Energy was not measured" not in page


def test_energy_and_state_of_a_gpu_are_shown(tmp_path):
    results = factories.measured_results(tmp_path, {"cuda/packed": 1.0, "c/naive": 10.0})
    support = EnergySupport({"gpu": 60.0})
    samples = {
        name: [replace(sample, system=SystemDelta(gpu_uj=1_000_000_000)) for sample in taken]
        for name, taken in results.samples.items()
    }
    rows = with_counters([replace(row, on_gpu=row.language == "cuda") for row in results.rows], samples, None, support)
    cold = GpuState("NVIDIA H100", "580.95", 345.0, 1980.0, temperature_c=31.0, power_w=70.1)
    warm = replace(cold, sm_mhz=1755.0, temperature_c=52.0, power_w=312.0, slowed_s={"its power limit": 12.0})
    machine = MachineSnapshots(MachineSnapshot(gpus=(cold,)), MachineSnapshot(gpus=(warm,)))
    record = replace(results.record, energy=support, machine=machine, stages_s={"Measuring": 600.0})

    page = render(replace(results, rows=rows, samples=samples, record=record))

    energy = table(page, "Energy")
    cells = re.findall(
        r'<a href="#(.*?)">.*?<td class="n">(.*?)</td><td class="n">(.*?)</td><td class="n">([0-9]+)<', energy
    )
    assert cells == [("cuda/packed", "–", "–", "440")]
    assert "GPU, J" in energy and "GPUs 60.0 W" in energy
    assert (
        "NVIDIA H100, driver 580.95, up to 1,980 MHz; before the kernels 345 MHz, 31 °C, 70.1 W; after them 1,755 MHz, "
        "52 °C, 312 W" in page
    )
    [finding] = changes(machine.before, machine.after, 600.0)
    assert finding.code == "gpu-clocks" and "those of NVIDIA H100 by its power limit for 12.0 s" in finding.observation
