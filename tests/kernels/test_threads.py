"""Threads of the packed rungs: started once a product, however many blocks it has."""

from __future__ import annotations

import re
import shutil
import subprocess

import numpy as np
import pytest

from harness.config.command_words import words
from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.execute.native import NativeExecutor
from harness.prepare.build import home_of
from tests.needs import built, need

CONFIG = load_config()
N = 1100
"""Enough rows for 128 threads, and a depth of several blocks."""

CALLS = 2
NAMES = ("c/packed", "rust/packed", "zig/packed")
PACKED = [kernel for kernel in load_kernels(CONFIG.kernels_dir) if kernel.id in NAMES]


@pytest.mark.parametrize("threads", [2, 128])
@pytest.mark.parametrize("kernel", PACKED, ids=[kernel.id for kernel in PACKED])
def test_threads_are_started_once_a_product(kernel, threads, tmp_path):
    need(shutil.which("strace"), "strace")
    executor = NativeExecutor(CONFIG.build_dir)
    built(kernel, executor)
    artefact = home_of(kernel, executor, CONFIG.build_dir) / "artefact"
    run = words(kernel.run, artefact=artefact, folder=kernel.folder, source=kernel.source, flags=kernel.flags)
    for name in "ab":
        np.ones(N * N).tofile(tmp_path / name)
    trace = tmp_path / "trace"
    arguments = [*(tmp_path / name for name in "abc"), N, N, threads, CALLS]

    subprocess.run(
        ["strace", "-f", "-e", "trace=clone,clone3", "-o", trace, *run, *map(str, arguments)],
        capture_output=True,
        check=True,
    )

    started = len(re.findall(r"CLONE_THREAD", trace.read_text()))
    assert threads - 1 <= started <= CALLS * (threads - 1)
