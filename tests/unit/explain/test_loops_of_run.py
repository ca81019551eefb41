"""Test which loops a run looks for."""

from __future__ import annotations

from harness.execute.native import NativeExecutor
from harness.explain import loops_of_run
from harness.explain.loops_of_run import find_in_run
from harness.model.job import Absent
from harness.store.loops_file import read_loops
from harness.util.console import Console
from tests import factories
from tests.fake_executor import FakeExecutor
from tests.inner_loops import inner_loop

KERNELS = [factories.kernel(name) for name in ("c/naive", "c/packed")]


class Found:
    """Stands for the search: it takes processors and seconds, and is tested with real kernels elsewhere."""

    def __init__(self, *_):
        pass

    def of(self, kernel, only_kept):
        if only_kept:
            return Absent("there was no time to sample it")
        return inner_loop(kernel.id) if kernel.id == "c/packed" else Absent("objdump is not installed", "apt")


def find(tmp_path, monkeypatch, executor):
    monkeypatch.setattr(loops_of_run, "InnerLoops", Found)
    find_in_run(KERNELS, executor, factories.config(tmp_path), tmp_path, Console(), tmp_path)
    return read_loops(tmp_path)


def test_loops_and_the_reasons_for_missing_ones_are_stored(tmp_path, monkeypatch, capsys):
    loops = find(tmp_path, monkeypatch, NativeExecutor(tmp_path))

    assert loops.loops == (inner_loop("c/packed"),)
    assert loops.missing == {"c/naive": "objdump is not installed (to provide it: apt)"}
    assert "1 of 2 hottest loops found" in capsys.readouterr().err


def test_no_more_kernels_are_sampled_after_the_time_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(loops_of_run, "RUN_LIMIT_S", -1.0)

    loops = find(tmp_path, monkeypatch, NativeExecutor(tmp_path))

    assert loops.missing == dict.fromkeys(("c/naive", "c/packed"), "there was no time to sample it")


def test_kernels_in_containers_are_not_sampled(tmp_path, monkeypatch):
    loops = find(tmp_path, monkeypatch, FakeExecutor(lambda *_: 1))

    assert loops.reason == "kernels in containers are not sampled"
