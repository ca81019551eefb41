"""Run on the hosts of a real Slurm: one node, with Debian's daemons."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time

import pytest

from harness.system import lock
from tests.command import harness
from tests.slurm import one_node, workers
from tests.toy import make_project

pytest.importorskip("dask_jobqueue")


ENDED_S = 90
"""Seconds within which a job that is cancelled has ended: Slurm kills it 30 s after it has asked it to end."""


@pytest.fixture(scope="module")
def slurm(tmp_path_factory) -> dict[str, str]:
    """Return the variables of a Slurm of one node."""
    with one_node(tmp_path_factory.mktemp("slurm")) as environ:
        yield environ


@pytest.fixture
def hosts_run(slurm, tmp_path):
    """Return a function that runs on the hosts of Slurm with more options."""
    config = make_project(tmp_path) / "config.yaml"
    own = {"XDG_CACHE_HOME": str(tmp_path / "cache"), lock.VARIABLE: str(tmp_path / "lock")}

    def hosts_run(*options):
        words = ["hosts", "run", "--slurm", "1", *options, "--out", str(tmp_path / "out"), "--config", str(config)]
        return harness(*words, "--", "--rounds", "6", timeout=240, env=os.environ | slurm | own)

    return hosts_run


@pytest.mark.long(30)
def test_a_job_of_slurm_is_a_host(hosts_run, slurm, tmp_path):
    done = hosts_run("--sbatch", "--time=10:00")

    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "out" / "hosts.json").read_text())["hosts"]
    [(name, host)] = found.items()
    assert name == socket.gethostname().partition(".")[0] and host["state"] == "checked"
    end_s = time.monotonic() + ENDED_S
    # a job whose processes have ended stays in the queue while its node completes it
    while (workers(slurm) or _queue(slurm)) and time.monotonic() < end_s:
        time.sleep(0.2)
    assert workers(slurm) == []
    assert _queue(slurm) == ""


def test_an_option_that_slurm_refuses_is_a_sentence(hosts_run):
    done = hosts_run("--sbatch", "--partition=none")

    assert done.returncode == 1
    assert "--slurm: no job can be submitted: " in done.stderr and "partition" in done.stderr


def _queue(environ: dict[str, str]) -> str:
    return subprocess.run(["squeue", "-h"], env=os.environ | environ, capture_output=True, text=True, check=True).stdout
