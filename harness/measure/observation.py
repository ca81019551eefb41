"""Add to the record of a run what was observed of the machine and of measuring: state, noise, peak and times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from harness.measure.device_peak import best_device_rates
from harness.measure.overhead_clock import OverheadClock
from harness.measure.peak import best_rates
from harness.measure.plan import Plan
from harness.model.config import Backend
from harness.model.job import Absent
from harness.model.machine import DevicePeak, MachineSnapshots, Peak
from harness.model.run_record import Noise, Note, RunRecord
from harness.system import cpu_counters, host
from harness.system.energy import EnergyMeter
from harness.system.noise import sources_of_noise
from harness.util.format import duration


def with_machine(record: RunRecord) -> RunRecord:
    """Return the record of a run with the machine as it is now."""
    return replace(
        record,
        noise=tuple(Noise(*each) for each in sources_of_noise(record.cpus)),
        machine=MachineSnapshots(host.snapshot()),
        counters=cpu_counters.support(record.host.cpu_id, record.backend.name == Backend.DOCKER),
        energy=EnergyMeter().support(),
    )


def with_peak(record: RunRecord, peak: Peak | Absent) -> RunRecord:
    """Return the record with the best of the peaks before and after the kernels: noise can only lower a rate."""
    if isinstance(peak, Peak):
        return replace(record, peak=best_rates(peak, record.peak))
    return _noted(record, Note("no-peak", f"the peak was not measured: {peak.reason}", peak.remedy))


def with_device_peaks(record: RunRecord, peaks: Mapping[str, DevicePeak | Absent]) -> RunRecord:
    """Return the record with the best of the devices' peaks before and after the kernels.

    They are beside the processors' peak. Where that could not be measured, no row has a share of any.
    """
    names = {kernel.language: kernel.language_name for kernel in record.kernels}
    for language, peak in peaks.items():
        if isinstance(peak, Absent):
            observation = f"the peak of the device of {names[language]} was not measured: {peak.reason}"
            record = _noted(record, Note("no-device-peak", observation, peak.remedy))
        elif record.peak:
            best = best_device_rates(peak, record.peak.devices.get(language))
            record = replace(record, peak=replace(record.peak, devices=record.peak.devices | {language: best}))
    return record


def _noted(record: RunRecord, note: Note) -> RunRecord:
    """Return the record with the note, once."""
    return record if note in record.notes else replace(record, notes=(*record.notes, note))


def with_plan(record: RunRecord, plan: Plan) -> RunRecord:
    """Return the record with a note on the rounds for which there was no time."""
    if not plan.wanted_s:
        return record
    observation = (
        "kernels that do not decide the headline had fewer rounds than planned, so that the run did not take "
        f"{duration(plan.wanted_s)} longer"
    )
    return _noted(record, Note("fewer-rounds", observation, "--effort thorough gives all kernels their rounds"))


def with_measuring(record: RunRecord, overhead: OverheadClock, launches_s: float) -> RunRecord:
    """Return the record with the machine's state now, and with the times that measuring took, resumptions included."""
    return replace(
        record,
        machine=record.machine and replace(record.machine, after=host.snapshot()),
        verify_s=record.verify_s + overhead.verify_ns / 1e9,
        launches_s=launches_s,
        gaps_ns=(*record.gaps_ns, *overhead.gaps_ns),
    )
