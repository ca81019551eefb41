"""Test what is read of NVIDIA's GPUs, with the driver's library played by tests/nvml.py."""

from __future__ import annotations

import pynvml
import pytest

from harness.system.energy import EnergyMeter
from harness.system.gpus import gpu_states, number_of_gpus
from tests.nvml import H100, OLD, Nvml, loaded
from tests.powercap import write_zone

POWER_LIMIT = pynvml.NVML_FI_DEV_CLOCKS_EVENT_REASON_SW_POWER_CAP


def test_state_of_each_gpu_is_told():
    with loaded(Nvml(H100, OLD)) as library:
        library.slowed_ns = {POWER_LIMIT: 2_500_000_000}
        new, old = gpu_states()

    assert (new.name, new.driver, new.sm_mhz, new.max_sm_mhz) == ("NVIDIA H100 80GB HBM3", "580.95.05", 345, 1980)
    assert new.power_w == pytest.approx(70.1) and new.slowed_s == {"its power limit": 2.5}
    assert (old.name, old.memory_mhz, old.temperature_c, old.slowed_s) == ("NVIDIA GeForce GTX 1080", None, None, {})


def test_energy_of_a_launch_is_that_of_all_gpus_that_count_it(tmp_path):
    write_zone(tmp_path, "intel-rapl:0", "package-0", 0)
    with loaded(Nvml(H100, OLD, H100)) as library:
        meter = EnergyMeter(tmp_path)
        before = meter.read()
        library.devices[0]["energy_mj"] += 3
        library.devices[2]["energy_mj"] += 4

        assert meter.used_uj(before, meter.read(), 1.0) == {"package": 0, "gpu": 7000}
        assert meter.support(idle_s=0.001).idle_w == {"package": 0.0, "gpu": 0.0}


def test_machine_without_the_driver_has_no_gpu(tmp_path):
    with loaded(Nvml()):
        assert gpu_states() == () and number_of_gpus() == 0
        assert "gpu" not in EnergyMeter(tmp_path).support().idle_w


@pytest.mark.parametrize("status", [pynvml.NVML_ERROR_DRIVER_NOT_LOADED, pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH])
def test_driver_that_does_not_answer_is_no_gpu(status):
    """A driver that was updated and not loaded again refuses the library."""
    library = Nvml(H100)
    library.nvmlInitWithFlags = lambda flags: status
    with loaded(library):
        assert gpu_states() == ()
