"""Say in a line each what GPUs a run's machine had, and how they were before the kernels and after. Pure."""

from __future__ import annotations

from harness.model.machine import GpuState, MachineSnapshots
from harness.util.format import significant


def gpu_lines(machine: MachineSnapshots | None) -> list[str]:
    """Return a line for each GPU: 'NVIDIA H100, driver 580.95, up to 1,980 MHz; before the kernels 345 MHz, 31 °C, 70.1
    W; after them 1,980 MHz, 52 °C, 312 W'.
    """
    if machine is None:
        return []
    lines = []
    for number, gpu in enumerate(machine.before.gpus):
        largest = f", up to {gpu.max_sm_mhz:,.0f} MHz" if gpu.max_sm_mhz else ""
        words = f"{gpu.name}, driver {gpu.driver or 'unknown'}{largest}"
        after = machine.after.gpus[number] if machine.after and number < len(machine.after.gpus) else None
        states = [("before the kernels", _state(gpu)), ("after them", _state(after) if after else "")]
        lines.append("; ".join([words, *(f"{when} {state}" for when, state in states if state)]))
    return lines


def _state(gpu: GpuState) -> str:
    words = (
        f"{gpu.sm_mhz:,.0f} MHz" if gpu.sm_mhz is not None else "",
        f"{gpu.temperature_c:.0f} °C" if gpu.temperature_c is not None else "",
        f"{significant(gpu.power_w)} W" if gpu.power_w is not None else "",
    )
    return ", ".join(filter(None, words))
