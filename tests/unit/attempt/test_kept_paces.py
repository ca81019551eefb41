"""Paces that are kept between attempts."""

from __future__ import annotations

from pathlib import Path

from harness.attempt.kept_paces import FOLDER, KeptPaces
from harness.model.job import Built
from tests import factories

NAIVE, PACKED = factories.kernel("x/naive"), factories.kernel("x/packed")
BUILT = {kernel.id: Built(Path("build"), f"digest of {kernel.id}", 1, 0.0, ()) for kernel in (NAIVE, PACKED)}


def test_pace_of_the_same_artefact_is_kept(tmp_path):
    KeptPaces(tmp_path, "native", 1024, 2).write({NAIVE: 9e6}, BUILT)

    assert KeptPaces(tmp_path, "native", 1024, 2).read([NAIVE, PACKED], BUILT) == {NAIVE.id: 9e6}


def test_other_artefacts_and_problems_have_other_paces(tmp_path):
    KeptPaces(tmp_path, "native", 1024, 2).write({NAIVE: 9e6}, BUILT)
    rebuilt = {NAIVE.id: Built(Path("build"), "another digest", 1, 0.0, ())}

    assert KeptPaces(tmp_path, "native", 1024, 2).read([NAIVE], rebuilt) == {}
    for other in (("docker", 1024, 2), ("native", 512, 2), ("native", 1024, 1)):
        assert KeptPaces(tmp_path, *other).read([NAIVE], BUILT) == {}


def test_damaged_pace_is_measured_again(tmp_path):
    KeptPaces(tmp_path, "native", 1024, 2).write({NAIVE: 9e6}, BUILT)
    [file] = (tmp_path / FOLDER).iterdir()

    for damaged in ("", "{", '"fast"', "-1.0", "null"):
        file.write_text(damaged)
        assert KeptPaces(tmp_path, "native", 1024, 2).read([NAIVE], BUILT) == {}


def test_folder_that_cannot_be_written_costs_no_attempt(tmp_path):
    (tmp_path / FOLDER).write_text("a file")

    KeptPaces(tmp_path, "native", 1024, 2).write({NAIVE: 9e6}, BUILT)
