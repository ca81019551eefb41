"""The hottest loops of real kernels: found by samples, the same as by counting, and of vectors in the upper rungs."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.execute.native import NativeExecutor
from harness.explain import inner_loops
from harness.explain.inner_loops import ROOM_BYTES, InnerLoops
from harness.model.inner_loop import FoundBy, InnerLoop
from harness.model.job import Absent
from harness.system.host import lacking
from harness.util.scratch import scratch
from tests.needs import built, need

CONFIG = load_config()
KERNELS = {kernel.id: kernel for kernel in load_kernels(CONFIG.kernels_dir)}


@pytest.fixture(scope="module")
def search():
    need(shutil.which("objdump"), "objdump")
    with scratch(ROOM_BYTES, CONFIG.build_dir / "scratch") as folder:
        yield InnerLoops(NativeExecutor(CONFIG.build_dir), CONFIG, folder)


def found(search: InnerLoops, name: str) -> InnerLoop:
    kernel = KERNELS[name]
    need(not (reason := lacking(kernel.requires)), reason)
    built(kernel, search.executor)
    loop = search.find(kernel)
    assert isinstance(loop, InnerLoop), loop
    return loop


@pytest.mark.parametrize("name", ["c/packed", "go/packed", "rust/packed", "zig/packed"])
def test_micro_kernel_is_of_fmas_without_spills(search, name):
    loop = found(search, name)

    assert loop.found_by == FoundBy.SAMPLES and loop.found > loop.total / 3
    assert loop.content.fmas >= 8 and loop.content.vector_bits >= 128 and loop.content.spills == 0
    assert loop.content.multiply_adds == loop.content.fmas * loop.content.vector_bits // 64


@pytest.mark.parametrize("name", ["java/packed", "python/packed-numba"])
def test_code_that_is_compiled_at_run_time_is_found(search, name):
    loop = found(search, name)

    assert loop.place == "compiled while it ran" and loop.content.fmas >= 8


def test_loop_of_an_interpreter_is_shown_in_bytecode(search):
    loop = found(search, "python/naive")

    assert loop.found_by == FoundBy.TRACE and loop.content.multiply_adds == 1
    assert loop.lines[0].text.startswith("FOR_ITER") and loop.lines[-1].text.startswith("JUMP")


def test_counting_instructions_finds_the_same_loop(search, monkeypatch):
    need(shutil.which("valgrind"), "valgrind")
    sampled = found(search, "c/naive-paper")
    monkeypatch.setattr(inner_loops, "sample", lambda *_: Absent("not sampled"))

    counted = found(search, "c/naive-paper")

    assert counted.found_by == FoundBy.VALGRIND and counted.content == sampled.content
    assert len({line.count for line in counted.lines}) <= 2  # the test of the end is reached once more


def test_loop_is_kept_with_its_artefact(search, tmp_path, monkeypatch):
    kept = replace(search, config=replace(CONFIG, build_dir=tmp_path), executor=NativeExecutor(tmp_path))
    loop = kept.of(KERNELS["c/naive-paper"])
    monkeypatch.setattr(inner_loops, "sample", lambda *_: pytest.fail("sampled again"))

    assert isinstance(loop, InnerLoop) and kept.of(KERNELS["c/naive-paper"]) == loop
