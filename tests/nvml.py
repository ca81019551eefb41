"""NVIDIA's management library with two GPUs, as pynvml calls it: on machines without a GPU there is none to load."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pynvml

from harness.system import gpus

H100 = {"name": b"NVIDIA H100 80GB HBM3", "energy_mj": 5_000_000, "sm": 345, "max": 1980, "power_mw": 70_100}
OLD = {"name": b"NVIDIA GeForce GTX 1080", "sm": 139, "max": 1911, "power_mw": 9_000}
"""A GPU from before Volta counts no energy, and its driver does not tell what held the clocks down."""


class Nvml:
    """The functions that pynvml looks up by their names; each returns a status, and writes to where it is told."""

    def __init__(self, *devices: dict[str, Any]) -> None:
        self.devices = [dict(device) for device in devices]
        self.slowed_ns: dict[int, int] = {}

    def nvmlInitWithFlags(self, flags: int) -> int:
        return pynvml.NVML_SUCCESS

    def nvmlSystemGetDriverVersion(self, text: Any, size: Any) -> int:
        text.value = b"580.95.05"
        return pynvml.NVML_SUCCESS

    def nvmlDeviceGetCount_v2(self, to: Any) -> int:
        to._obj.value = len(self.devices)
        return pynvml.NVML_SUCCESS

    def nvmlDeviceGetHandleByIndex_v2(self, index: Any, to: Any) -> int:
        to._obj.contents = pynvml.struct_c_nvmlDevice_t()
        self._by_address[id(to._obj)] = index.value
        return pynvml.NVML_SUCCESS

    @property
    def _by_address(self) -> dict[int, int]:
        return self.__dict__.setdefault("addresses", {})

    def _told(self, handle: Any, key: str, to: Any) -> int:
        device = self.devices[self._by_address[id(handle)]]
        if key not in device:
            return pynvml.NVML_ERROR_NOT_SUPPORTED
        to._obj.value = device[key]
        return pynvml.NVML_SUCCESS

    def nvmlDeviceGetName(self, handle: Any, text: Any, size: Any) -> int:
        text.value = self.devices[self._by_address[id(handle)]]["name"]
        return pynvml.NVML_SUCCESS

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: Any, to: Any) -> int:
        return self._told(handle, "energy_mj", to)

    def nvmlDeviceGetClockInfo(self, handle: Any, clock: Any, to: Any) -> int:
        return self._told(handle, "sm" if clock.value == pynvml.NVML_CLOCK_SM else "memory", to)

    def nvmlDeviceGetMaxClockInfo(self, handle: Any, clock: Any, to: Any) -> int:
        return self._told(handle, "max", to)

    def nvmlDeviceGetTemperature(self, handle: Any, sensor: Any, to: Any) -> int:
        return self._told(handle, "temperature", to)

    def nvmlDeviceGetPowerUsage(self, handle: Any, to: Any) -> int:
        return self._told(handle, "power_mw", to)

    def nvmlDeviceGetFieldValues(self, handle: Any, count: Any, values: Any) -> int:
        if "energy_mj" not in self.devices[self._by_address[id(handle)]]:
            return pynvml.NVML_ERROR_NOT_SUPPORTED
        for value in values._obj:
            known = value.fieldId in self.slowed_ns
            value.nvmlReturn = pynvml.NVML_SUCCESS if known else pynvml.NVML_ERROR_NOT_SUPPORTED
            value.value.ullVal = self.slowed_ns.get(value.fieldId, 0)
        return pynvml.NVML_SUCCESS


@contextmanager
def loaded(library: Nvml) -> Iterator[Nvml]:
    """Let pynvml find this library instead of the driver's."""
    before, cached = pynvml.nvmlLib, dict(pynvml._nvmlGetFunctionPointer_cache)
    gpus._gpus.cache_clear()
    pynvml._nvmlGetFunctionPointer_cache.clear()
    pynvml.nvmlLib = library
    try:
        yield library
    finally:
        pynvml.nvmlLib = before
        pynvml._nvmlGetFunctionPointer_cache.clear()
        pynvml._nvmlGetFunctionPointer_cache.update(cached)
        gpus._gpus.cache_clear()
