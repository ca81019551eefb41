"""Test the kernels that are built for the CPU that valgrind knows."""

from __future__ import annotations

import pytest

from harness.config.kernels import load_kernels
from harness.explain.other_build import for_known_instructions
from harness.util.paths import ROOT
from tests import factories

KERNELS = {kernel.id: kernel for kernel in load_kernels(ROOT / "kernels")}


@pytest.mark.parametrize("name", ["c/packed", "rust/packed", "zig/packed", "python/packed-numba"])
def test_no_native_cpu_is_left_in_any_command(name):
    other = for_known_instructions(KERNELS[name])

    commands = " ".join([other.flags, *other.build, other.run])
    assert "native" not in commands
    assert "x86-64-v3" in commands or "x86_64_v3" in commands


def test_kernel_that_names_no_cpu_has_no_other_build():
    assert for_known_instructions(factories.kernel(build=("cc {source}",), run="{out}")) is None
