"""Test what a launch may leave in its work folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harness.execute.invocation import SLACK_BYTES, Launch, launch_all
from harness.model.job import FailureCode, Folders, Job, JobResult
from harness.model.sample import Problem
from tests import factories
from tests.fake_executor import FakeExecutor

LAUNCHES = [Launch(Problem(2, 2), 1, 1), Launch(Problem(2, 1), 1, 1)]


class Littering(FakeExecutor):
    """An executor whose kernels leave a file beside their output, of as many bytes."""

    def __init__(self, left_bytes: int) -> None:
        super().__init__(lambda name, rows, n, launch: 1000)
        self._left_bytes = left_bytes
        self.outputs: list[str] = []

    def _job(self, job: Job) -> JobResult:
        self.outputs.append(Path(job.argv[3]).name)
        Path(job.cwd, "left").write_bytes(bytes(self._left_bytes))
        return super()._job(job)


def launch(folder: Path, executor: FakeExecutor):
    """Return the outcomes of LAUNCHES in a folder where an earlier file lies."""
    data, work = folder / "data", folder / "work"
    data.mkdir()
    work.mkdir()
    (work / "earlier").write_bytes(bytes(2 * SLACK_BYTES))
    for name in ("a.f64", "b.f64"):
        np.eye(2).tofile(data / name)
    folders = Folders(folder, folder, data, work)
    kernel = factories.kernel(run="kernel")
    return launch_all(kernel, executor, folders, LAUNCHES, 60, (0,))


@pytest.mark.parametrize(("left_bytes", "code"), [(SLACK_BYTES, None), (SLACK_BYTES + 1, FailureCode.LEFT_FILES)])
def test_much_that_is_left_beside_the_output_fails(tmp_path, left_bytes, code):
    outcomes = launch(tmp_path, Littering(left_bytes))

    assert [outcome.fault and outcome.fault.code for outcome in outcomes] == [code, code]


def test_a_launch_cannot_tell_where_the_next_one_writes(tmp_path):
    executor = Littering(0)

    launch(tmp_path, executor)

    first, second = executor.outputs
    assert first != second and min(len(first), len(second)) > 16
