"""Observe the machine before kernels are measured on it: its state, its noise, and what it counts."""

from __future__ import annotations

from dataclasses import replace

from harness.model.config import Backend
from harness.model.machine import MachineSnapshots
from harness.model.run_record import Noise, RunRecord
from harness.system import cpu_counters, host
from harness.system.energy import EnergyMeter
from harness.system.noise import sources_of_noise


def with_machine(record: RunRecord) -> RunRecord:
    """Return the record of a run with the machine as it is now."""
    return replace(
        record,
        noise=tuple(Noise(*each) for each in sources_of_noise(record.cpus)),
        machine=MachineSnapshots(host.snapshot()),
        counters=cpu_counters.support(record.host.cpu_id, record.backend.name == Backend.DOCKER),
        energy=EnergyMeter().support(),
    )
