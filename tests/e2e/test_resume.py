"""kill -9 at random moments of a real run, then --resume: no finished sample lost, none counted twice."""

from __future__ import annotations

import json
import random
import signal
import time
from pathlib import Path

import pytest

from tests.command import harness, started
from tests.toy import add_rung


def lines(folder: Path) -> list[bytes]:
    return [line for line in (folder / "samples.jsonl").read_bytes().splitlines(True) if line.endswith(b"\n")]


@pytest.mark.parametrize("seed", range(5))
def test_a_run_that_is_killed_again_and_again_ends_as_one_that_was_not(project, seed):
    add_rung(project, "interchange", "return c")
    chance = random.Random(seed)
    folder = None
    kept: list[bytes] = []
    words = ("--config", str(project / "config.yaml"), "--budget", "2")
    for _ in range(10):
        with started("run-all", *words) as process:
            for _ in range(3000 if folder is None else 0):
                time.sleep(0.02)
                folder = next((path.parent for path in project.glob("reports/2*/run.json")), None)
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
    facts = json.loads((folder / "run.json").read_text())
    assert facts["finished_at"]
    assert "unmeasured" not in (folder / "results.csv").read_text()


def test_a_finished_run_that_is_resumed_stays_as_it_is(project):
    assert harness("run-all", "--config", str(project / "config.yaml")).returncode == 0
    folder = (project / "reports" / "latest").resolve()
    before = lines(folder), (folder / "results.csv").read_text()
    assert harness("run-all", "--resume", str(folder)).returncode == 0
    assert (lines(folder), (folder / "results.csv").read_text()) == before


def test_a_kernel_that_changed_meanwhile_is_not_mixed_with_what_was_measured(project):
    assert harness("run-all", "--config", str(project / "config.yaml")).returncode == 0
    folder = (project / "reports" / "latest").resolve()
    source = project / "kernels" / "toy" / "naive.py"
    source.write_text(source.read_text() + "\n")
    done = harness("run-all", "--resume", str(folder))
    assert done.returncode == 2
    assert "toy/naive would now be other programs than those measured" in done.stderr


def test_resume_takes_everything_from_the_run(project):
    assert harness("run-all", "--config", str(project / "config.yaml")).returncode == 0
    done = harness("run-all", "--resume", str(project / "reports" / "latest"), "--n", "32")
    assert done.returncode == 2 and "--resume: takes everything from the run" in done.stderr
