"""Paces that are kept between attempts."""

from __future__ import annotations

import os
from pathlib import Path

from harness.attempt.kept_paces import FOLDER, MAX_AGE_S, KeptPaces
from harness.measure.pilot import Pace
from harness.model.job import Built
from tests import factories

PACE = Pace(9e6, fixed_ns=1e6, outside_ns=2e6, warm_up_rows=3, warm_up_ns=4e6)

NAIVE, PACKED = factories.kernel("x/naive"), factories.kernel("x/packed")
BUILT = {kernel.id: Built(Path("build"), f"digest of {kernel.id}", 1, 0.0, ()) for kernel in (NAIVE, PACKED)}


def test_pace_of_the_same_artefact_is_kept(tmp_path):
    KeptPaces(tmp_path, "native", 1024, 2).write({NAIVE: PACE}, BUILT)

    assert KeptPaces(tmp_path, "native", 1024, 2).read([NAIVE, PACKED], BUILT) == {NAIVE.id: PACE}


def test_other_artefacts_and_problems_have_other_paces(tmp_path):
    KeptPaces(tmp_path, "native", 1024, 2).write({NAIVE: PACE}, BUILT)
    rebuilt = {NAIVE.id: Built(Path("build"), "another digest", 1, 0.0, ())}

    assert KeptPaces(tmp_path, "native", 1024, 2).read([NAIVE], rebuilt) == {}
    for other in (("docker", 1024, 2), ("native", 512, 2), ("native", 1024, 1)):
        assert KeptPaces(tmp_path, *other).read([NAIVE], BUILT) == {}


def test_damaged_pace_is_measured_again(tmp_path):
    KeptPaces(tmp_path, "native", 1024, 2).write({NAIVE: PACE}, BUILT)
    [file] = (tmp_path / FOLDER).iterdir()

    for damaged in ("", "{", '"fast"', '{"row_ns": -1.0}', '{"row_ns": "x"}', "null"):
        file.write_text(damaged)
        assert KeptPaces(tmp_path, "native", 1024, 2).read([NAIVE], BUILT) == {}


def test_pace_of_yesterday_is_measured_again(tmp_path):
    KeptPaces(tmp_path, "native", 1024, 2).write({NAIVE: PACE}, BUILT)
    [file] = (tmp_path / FOLDER).iterdir()
    then_s = file.stat().st_mtime - MAX_AGE_S
    os.utime(file, (then_s, then_s))

    assert KeptPaces(tmp_path, "native", 1024, 2).read([NAIVE], BUILT) == {}


def test_folder_that_cannot_be_written_costs_no_attempt(tmp_path):
    (tmp_path / FOLDER).write_text("a file")

    KeptPaces(tmp_path, "native", 1024, 2).write({NAIVE: PACE}, BUILT)
