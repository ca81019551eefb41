"""Test that the page's WebAssembly is what its sources build."""

from __future__ import annotations

import subprocess

import pytest

from harness.execute.native import command_works, environment
from harness.report.your_machine import MODULES, SOURCES, module
from tests.needs import need

ZIG = "0.17.1"
"""The version of Zig that built the modules; another one may write other bytes."""

pytestmark = pytest.mark.toolchain


def test_modules_are_what_their_sources_build(tmp_path):
    works, version = command_works("python3 -m ziglang version")
    need(works and version == ZIG, f"Zig {ZIG}: {version}")

    subprocess.run(["sh", "build.sh", str(tmp_path)], cwd=SOURCES, env=environment(), check=True, timeout=300)

    assert [name for name in MODULES if (tmp_path / f"{name}.wasm").read_bytes() != module(name)] == []
