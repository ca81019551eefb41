"""Test the options by which containers reach devices."""

from __future__ import annotations

from harness.execute.docker import device_options
from tests import factories

NVIDIA = factories.toolchain(device="nvidia")


def test_container_of_a_gpu_s_kernel_gets_the_gpus():
    assert device_options(NVIDIA, "run") == ["--gpus=all", "--env=NVIDIA_DRIVER_CAPABILITIES=compute,utility"]


def test_other_containers_get_no_device():
    assert device_options(NVIDIA, "build") == device_options(factories.toolchain(), "run") == []
