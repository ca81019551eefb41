"""Test what is told of a machine that lacks the device of a kernel."""

from __future__ import annotations

from harness.system import devices
from harness.system.devices import lacking_device, lacking_for
from tests import factories


def test_kernel_of_a_gpu_is_skipped_without_its_driver(monkeypatch, tmp_path):
    kernel = factories.kernel(toolchain=factories.toolchain(device="nvidia"))
    monkeypatch.setattr(devices, "NVIDIA_NODES", (tmp_path / "nvidiactl",))
    before = lacking_for(kernel)
    (tmp_path / "nvidiactl").touch()

    assert before == "this machine has no NVIDIA GPU with a driver"
    assert lacking_for(kernel) == ""


def test_kernel_of_the_processors_needs_no_device():
    assert lacking_device("") == ""


def test_features_of_the_cpu_are_asked_for_first():
    assert lacking_for(factories.kernel(requires=("no_such_feature",))) == "this CPU has no no_such_feature"
