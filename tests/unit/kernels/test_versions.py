"""Test that the version command of every Rust kernel fails where the compiler does."""

from __future__ import annotations

import os
import shlex
import subprocess

import pytest

from harness.config.kernels import load_kernels
from harness.util.paths import ROOT

RUST = [kernel for kernel in load_kernels(ROOT / "kernels") if kernel.language == "rust"]


@pytest.mark.parametrize("kernel", RUST, ids=lambda kernel: kernel.id)
def test_a_compiler_without_a_toolchain_is_not_taken_for_one(kernel, tmp_path):
    """As rustup's, in a home where no toolchain was chosen: its kernels are skipped, and none of them fails."""
    (tmp_path / "rustc").write_text("#!/bin/sh\necho 'no default toolchain' >&2; exit 1\n")
    (tmp_path / "rustc").chmod(0o755)

    done = subprocess.run(
        shlex.split(kernel.toolchain.version_command),
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0 and "no default toolchain" in done.stderr
