"""Test that a new language made like another one passes every check, with the real toolchains."""

from __future__ import annotations

import shutil
import sys

import pytest

from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.execute.native import NativeExecutor
from harness.model.job import Provided
from harness.util.paths import ROOT
from tests.command import harness
from tests.needs import need

LANGUAGES = sorted(path.parent.name for path in (ROOT / "kernels").glob("*/kernel.yaml"))


@pytest.mark.parametrize("like", LANGUAGES)
def test_language_made_like_another_passes_every_check(project, like):
    """`new` writes at most four files, and `check` accepts them."""
    config = str(project / "config.yaml")
    kernel = next(kernel for kernel in load_kernels(load_config().kernels_dir) if kernel.id == f"{like}/naive")
    provided = NativeExecutor(project).provide(kernel.toolchain)
    need(isinstance(provided, Provided), f"{kernel.toolchain.version_command}: {provided}")
    for name in LANGUAGES:
        shutil.copytree(ROOT / "kernels" / name, project / "kernels" / name)

    new = harness("new", "mine", "--like", like, "--config", config)
    check = harness("check", "mine", "--config", config)

    assert new.returncode == 0, new.stderr
    assert new.stdout.splitlines()[-1] == f"Next: {sys.executable} -m harness check mine"
    assert sum(path.stat().st_size > 0 for path in (project / "kernels" / "mine").iterdir()) <= 4
    assert check.returncode == 0, check.stdout + check.stderr
    assert "mine/naive  passed" in check.stdout
