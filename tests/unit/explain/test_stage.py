"""Test which counts are kept, which a run gets, and why it has none."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from harness.execute.native import NativeExecutor
from harness.execute.toolchains import VALGRIND
from harness.explain.counting_plan import WHOLE_S
from harness.explain.keeping import Kept
from harness.explain.stage import Countable, Counting, count_in_run, counts_for_run
from harness.model.counts import RunCounts
from harness.model.job import Built, Provided
from harness.store.counts_file import read_counts
from harness.system.cache_shapes import cache_shapes
from harness.util.console import Console
from tests import factories
from tests.needs import need

BUILT = Built(Path("out"), "d", 1, 1.0, ("cc",))


def kept(folder: Path, **fields) -> Kept:
    return Kept(folder, **({"n": 64, "caches": factories.caches(), "way": ("valgrind-3.19.0",)} | fields))


def test_counts_of_the_same_artefact_are_kept(tmp_path):
    kernel, counts = factories.kernel("c/naive"), factories.counts("c/naive")

    kept(tmp_path).write(kernel, BUILT, "gcc 12", counts)

    assert kept(tmp_path).read(kernel, BUILT, "gcc 12") == counts


def test_counts_of_another_artefact_or_way_are_not_used(tmp_path):
    kernel = factories.kernel("c/naive")
    kept(tmp_path).write(kernel, BUILT, "gcc 12", factories.counts("c/naive"))

    assert kept(tmp_path).read(kernel, replace(BUILT, digest="e"), "gcc 12") is None
    assert kept(tmp_path).read(kernel, BUILT, "gcc 13") is None
    assert kept(tmp_path, n=128).read(kernel, BUILT, "gcc 12") is None
    assert kept(tmp_path, way=("valgrind-3.24.0",)).read(kernel, BUILT, "gcc 12") is None


def test_script_is_counted_again_if_a_file_beside_it_changes(tmp_path):
    folder = tmp_path / "python"
    folder.mkdir()
    kernel, script = factories.kernel("python/naive", folder=folder), replace(BUILT, commands=())
    kept(tmp_path).write(kernel, script, "3.11", factories.counts("python/naive"))

    (folder / "driver.py").write_text("another")

    assert kept(tmp_path).read(kernel, script, "3.11") is None


def run_of(digest: str):
    kernels = tuple(factories.kernel_record(name) for name in ("c/naive", "c/packed"))
    return factories.run_record(kernels=kernels, built={"c/naive": replace(BUILT, digest=digest)})


def test_run_gets_the_counts_of_its_own_artefacts():
    counts, own = RunCounts((factories.counts("c/naive"),)), RunCounts(left=("c/naive", "c/packed"))

    merged = counts_for_run(run_of("d"), own, counts, 64)

    assert merged == RunCounts((factories.counts("c/naive"),), ("c/packed",))


def test_run_of_other_artefacts_or_another_n_gets_none():
    counts = RunCounts((factories.counts("c/naive"),))

    assert counts_for_run(run_of("e"), RunCounts(), counts, 64) is None
    assert counts_for_run(run_of("d"), RunCounts(), counts, 4096) is None


def counted_in_run(folder: Path) -> RunCounts:
    """Return what a run of c/naive has in its folder after the stage of counting."""
    config = factories.config(folder)
    kernel, executor = factories.kernel("c/naive"), NativeExecutor(config.build_dir)
    countable = Countable([kernel], {kernel.id: BUILT}, {kernel.id: Provided("gcc 12")})
    count_in_run(Counting(executor, config, Console()), countable, folder)
    return read_counts(folder)


def test_run_without_valgrind_has_one_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))

    counts = counted_in_run(tmp_path)

    assert counts.kernels == () and counts.reason.startswith("valgrind is not installed")
    assert "No counts of instructions: valgrind is not installed" in capsys.readouterr().err


def test_code_that_a_jit_makes_is_not_counted(tmp_path):
    """Java's interchange had 1.8 instructions a multiply-add, and 1.0 when it was counted again."""
    need(shutil.which("valgrind"), "valgrind")
    config, kernel = factories.config(tmp_path), replace(factories.kernel("java/naive"), jit=True)
    countable = Countable([kernel], {kernel.id: BUILT}, {kernel.id: Provided("25")})

    [counts] = Counting(NativeExecutor(config.build_dir), config, Console()).run(countable).kernels

    assert counts.per_step is None and counts.reason.startswith("it is compiled while it runs")


def test_kept_counts_are_used_and_the_others_left(tmp_path):
    need(shutil.which("valgrind"), "valgrind")
    config, kernels = factories.config(tmp_path), [factories.kernel(name) for name in ("c/naive", "c/packed")]
    tool = NativeExecutor(config.build_dir).provide(VALGRIND).version
    own = Kept(config.build_dir, config.n, cache_shapes(), (tool, str(WHOLE_S)))
    own.write(kernels[0], BUILT, "gcc 12", factories.counts("c/naive"))
    countable = Countable(
        kernels, {each.id: BUILT for each in kernels}, {each.id: Provided("gcc 12") for each in kernels}
    )

    counts = Counting(NativeExecutor(config.build_dir), config, Console()).run(countable, limit_s=0)

    assert counts == RunCounts((factories.counts("c/naive"),), ("c/packed",))
