"""Test the energy of a kernel's products."""

from __future__ import annotations

import pytest

from harness.analysis.energy import energy_of
from harness.model.energy import EnergySupport
from harness.model.sample import Purpose, SystemDelta
from tests import factories

SUPPORT = EnergySupport({"package": 10.0, "dram": 2.0})


def launch(number: int, package_j: float | None, dram_j: float | None = None, **fields):
    """Return the samples of a launch of two seconds with four calls."""
    in_uj = [None if joules is None else round(joules * 1e6) for joules in (package_j, dram_j)]
    system = SystemDelta(package_uj=in_uj[0], dram_uj=in_uj[1])
    return factories.launch([5e8] * 4, number, system=system, **fields)


def test_energy_is_of_one_product_and_without_that_at_rest():
    energy = energy_of([*launch(0, 60.0, 8.0), *launch(1, 100.0, 12.0)], SUPPORT)

    assert energy.package_j == pytest.approx(15.0) and energy.dram_j == pytest.approx(1.5)
    assert (energy.launches, energy.estimated) == (2, False)


def test_energy_of_the_start_is_taken_off():
    start = factories.launch([1e9], 0, purpose=Purpose.START, system=SystemDelta(package_uj=18_000_000))

    energy = energy_of([*start, *launch(1, 60.0)], SUPPORT)

    assert energy.package_j == pytest.approx((60 - 20 - (18 - 10)) / 4) and energy.dram_j is None


def test_energy_of_some_rows_is_an_estimate_of_the_whole():
    energy = energy_of(launch(0, 60.0, rows=16), SUPPORT)

    assert energy.package_j == pytest.approx(40.0) and energy.estimated


def test_energy_below_that_at_rest_is_none():
    assert energy_of(launch(0, 15.0), SUPPORT).package_j == 0.0


def test_machine_that_measures_nothing_gives_no_energy():
    assert energy_of(launch(0, None), SUPPORT) is None
    assert energy_of(launch(0, 60.0), EnergySupport(reason="none")) is None


def test_energy_of_the_gpus_is_that_of_kernels_that_compute_there():
    support = EnergySupport({"package": 10.0, "gpu": 60.0})
    system = SystemDelta(package_uj=60_000_000, gpu_uj=200_000_000)
    samples = factories.launch([5e8] * 4, 0, system=system)

    on_gpu, on_cpu = energy_of(samples, support, on_gpu=True), energy_of(samples, support)

    assert on_gpu.gpu_j == pytest.approx((200 - 2 * 60) / 4) and on_gpu.package_j == on_cpu.package_j == 10.0
    assert on_cpu.gpu_j is None


def test_machine_may_count_the_energy_of_its_gpus_alone():
    samples = factories.launch([5e8] * 4, 0, system=SystemDelta(gpu_uj=200_000_000))

    energy = energy_of(samples, EnergySupport({"gpu": 60.0}), on_gpu=True)

    assert (energy.package_j, energy.dram_j, energy.launches) == (None, None, 1) and energy.gpu_j == 20.0
