"""Kill a run at random moments and resume it: no finished sample is lost, and none counts twice."""

from __future__ import annotations

import json
import random
import shutil
import signal
import time
from pathlib import Path

import pytest

from tests.command import harness, started


def lines(folder: Path) -> list[bytes]:
    """Return the whole lines of the samples of a run."""
    return [line for line in (folder / "samples.jsonl").read_bytes().splitlines(True) if line.endswith(b"\n")]


@pytest.fixture
def two_kernels(copied_run):
    """Return a project with two kernels that are built and checked, and without a run."""
    shutil.rmtree(copied_run.project / "reports")
    return copied_run.project


@pytest.mark.long(30)
@pytest.mark.parametrize("seed", range(5))
def test_a_run_that_is_killed_often_ends_like_any_other(two_kernels, seed):
    chance = random.Random(seed)
    folder = None
    kept: list[bytes] = []
    words = ("--config", str(two_kernels / "config.yaml"), "--rounds", "30")
    for _ in range(10):
        with started("run-all", *words) as process:
            for _ in range(3000 if folder is None else 0):
                time.sleep(0.02)
                folder = next((path.parent for path in two_kernels.glob("reports/2*/run.json")), None)
                if folder and lines(folder):
                    break
            time.sleep(chance.uniform(0.0, 1.2))
            process.send_signal(signal.SIGKILL)
        there = lines(folder)
        assert there[: len(kept)] == kept  # nothing that was stored is ever lost or changed
        kept = there
        words = ("--resume", str(folder))

    assert harness("run-all", *words).returncode == 0

    samples = [json.loads(line) for line in lines(folder)]
    assert lines(folder)[: len(kept)] == kept
    assert len({(s["kernel"], s["launch"], s["rep"]) for s in samples}) == len(samples)
    assert json.loads((folder / "run.json").read_text())["finished_at"]
    assert "unmeasured" not in (folder / "results.csv").read_text()


def test_a_finished_run_that_is_resumed_stays_as_it_is(copied_run):
    folder = copied_run.folder
    before = lines(folder), (folder / "results.csv").read_text()

    assert harness("run-all", "--resume", str(folder)).returncode == 0

    assert (lines(folder), (folder / "results.csv").read_text()) == before


def test_a_run_whose_kernel_changed_is_not_resumed(copied_run):
    source = copied_run.project / "kernels" / "toy" / "naive.py"
    source.write_text(source.read_text() + "\n")

    done = harness("run-all", "--resume", str(copied_run.folder))

    assert done.returncode == 2
    assert "toy/naive would now be other programs than those measured" in done.stderr


def test_resume_takes_everything_from_the_run(copied_run):
    done = harness("run-all", "--resume", str(copied_run.project / "reports" / "latest"), "--n", "32")

    assert done.returncode == 2 and "--resume: all settings are those of the interrupted run: omit --n" in done.stderr
