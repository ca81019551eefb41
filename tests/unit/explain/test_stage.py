"""Test which counts are kept, and which a run gets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.explain.keeping import Kept
from harness.explain.stage import counts_for_run
from harness.model.counts import RunCounts
from harness.model.job import Built
from tests import factories

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
