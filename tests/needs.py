"""Skip a test for want of what it needs of the machine, or fail it where all tests must run."""

from __future__ import annotations

import os

import pytest

from harness.config.load import load_config
from harness.execute.native import NativeExecutor
from harness.model.job import Absent, Built, Provided
from harness.model.kernel import Kernel
from harness.prepare.build import build
from harness.system import host

REQUIRED = os.environ.get("HARNESS_REQUIRE_ALL") == "1"
"""Set by .ci/run: a missing engine, browser or toolchain is then a failure, not a skip."""


def need(condition: object, what: str) -> None:
    """Skip a test for want of `what`; where everything must be there, fail it."""
    if not condition:
        (pytest.fail if REQUIRED else pytest.skip)(f"needs {what}")


def built(kernel: Kernel, executor: NativeExecutor, other_cpu: str = "") -> Built:
    """Build a kernel with its real toolchain into the project's build folder; skip the test without that toolchain.

    Where everything must be there, only a toolchain that kernel.yaml calls optional may be missing.

    A kernel for `other_cpu` gets a folder of its own.
    """
    provided = executor.provide(kernel.toolchain)
    if kernel.optional and isinstance(provided, Absent):
        pytest.skip(f"{provided.reason}: {kernel.optional}")
    need(isinstance(provided, Provided), f"{kernel.toolchain.version_command}: {provided}")
    config, cpus = load_config(), host.usable_cpus(2)
    folder, cpu = config.build_dir / other_cpu, other_cpu or host.cpu_identity()
    result = build(kernel, provided, executor, folder, config.limits, cpu, cpus)
    assert isinstance(result, Built), result
    return result
