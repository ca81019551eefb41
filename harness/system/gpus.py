"""Read what NVIDIA's GPUs tell of themselves: energy, clocks, temperature, and for how long the clocks were held down.

By the driver's own library (NVML), before and after a launch and never while one runs: its counters add up by
themselves. The energy counter came with Volta (2017); a GPU that lacks a figure leaves it out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pynvml

from harness.model.machine import GpuState

SLOWED = {
    pynvml.NVML_FI_DEV_CLOCKS_EVENT_REASON_SW_POWER_CAP: "its power limit",
    pynvml.NVML_FI_DEV_CLOCKS_EVENT_REASON_SW_THERM_SLOWDOWN: "its temperature",
    pynvml.NVML_FI_DEV_CLOCKS_EVENT_REASON_HW_THERM_SLOWDOWN: "its temperature, by the hardware",
    pynvml.NVML_FI_DEV_CLOCKS_EVENT_REASON_HW_POWER_BRAKE_SLOWDOWN: "the power supply",
}
"""NVML's counters of nanoseconds, and what held the clocks down meanwhile. Drivers of before 2024 lack most of them."""


def number_of_gpus() -> int:
    """Return how many GPUs the driver shows."""
    return len(_gpus())


def energy_uj(number: int) -> int | None:
    """Return the microjoules that a GPU has used since its driver was loaded; None if it does not count them."""
    millijoules = _figure(pynvml.nvmlDeviceGetTotalEnergyConsumption, _gpus()[number])
    return None if millijoules is None else round(millijoules * 1000)


def gpu_states() -> tuple[GpuState, ...]:
    """Return the state of each GPU; empty without one, or without its driver."""
    return tuple(_state(gpu) for gpu in _gpus())


@cache
def _gpus() -> tuple[Any, ...]:
    """Return NVML's handles of all GPUs. The library stays open until this process ends."""
    try:
        pynvml.nvmlInit()
        return tuple(pynvml.nvmlDeviceGetHandleByIndex(number) for number in range(pynvml.nvmlDeviceGetCount()))
    except pynvml.NVMLError:
        return ()


def _state(gpu: Any) -> GpuState:
    milliwatts = _figure(pynvml.nvmlDeviceGetPowerUsage, gpu)
    return GpuState(
        name=_text(pynvml.nvmlDeviceGetName, gpu),
        driver=_text(pynvml.nvmlSystemGetDriverVersion),
        sm_mhz=_figure(pynvml.nvmlDeviceGetClockInfo, gpu, pynvml.NVML_CLOCK_SM),
        max_sm_mhz=_figure(pynvml.nvmlDeviceGetMaxClockInfo, gpu, pynvml.NVML_CLOCK_SM),
        memory_mhz=_figure(pynvml.nvmlDeviceGetClockInfo, gpu, pynvml.NVML_CLOCK_MEM),
        temperature_c=_figure(pynvml.nvmlDeviceGetTemperature, gpu, pynvml.NVML_TEMPERATURE_GPU),
        power_w=None if milliwatts is None else milliwatts / 1000,
        slowed_s=_slowed_s(gpu),
    )


def _slowed_s(gpu: Any) -> dict[str, float]:
    """Return for how many seconds since the driver was loaded each reason of SLOWED has held the clocks down."""
    try:
        values = pynvml.nvmlDeviceGetFieldValues(gpu, list(SLOWED))
    except pynvml.NVMLError:
        return {}
    told = (value for value in values if value.nvmlReturn == pynvml.NVML_SUCCESS)
    return {SLOWED[value.fieldId]: value.value.ullVal / 1e9 for value in told}


def _figure(ask: Callable[..., Any], *arguments: Any) -> float | None:
    """Return a figure; None where this GPU or its driver does not tell it."""
    try:
        return float(ask(*arguments))
    except pynvml.NVMLError:
        return None


def _text(ask: Callable[..., Any], *arguments: Any) -> str:
    try:
        return str(ask(*arguments))
    except pynvml.NVMLError:
        return ""
