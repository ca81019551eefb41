"""A kernel in a container: what it may do, what it cannot reach, and what is left of it."""

from __future__ import annotations

import os
import subprocess
import time

import pytest

from harness.config.load import load_config
from harness.execute import launcher
from harness.execute.container_user import ordinary_user
from harness.execute.docker import DockerExecutor
from harness.execute.executor import RunError
from harness.model.config import Limits
from harness.model.job import Folders, Job
from harness.model.kernel import Toolchain
from harness.system import host

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("engine")]

SHELL = Toolchain("shell", (), (), (), "sh -c 'echo shell'")
LIMITS = Limits(memory_bytes=2**28, processes=40, timeout_s=60, build_timeout_s=300)
BUILD = load_config().build_dir
"""Shared, so that the launcher is compiled once and not by each test."""


@pytest.fixture
def inside(tmp_path):
    """A function that runs a shell script in a confined container; gives its result and what it printed."""
    executor = DockerExecutor(BUILD, LIMITS)

    def run(script: str, timeout_s: float = 60, limit: int = 2**20, keep: bool = False):
        for name in ("source", "artefact", "data", "work"):
            (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / "data" / "a.f64").write_bytes(b"x" * 8)
        folders = Folders(*(tmp_path / name for name in ("source", "artefact", "data", "work")))
        job = Job(("sh", "-c", script), "/work", "/work/out", "/work/err", timeout_s, limit)
        [result] = executor.run(SHELL, folders, [job], host.usable_cpus(1), keep=keep)
        out, err = (
            (folders.work / "out").read_text(errors="replace"),
            (folders.work / "err").read_text(errors="replace"),
        )
        return result, out + err

    yield run
    executor.release()
    assert containers() == []


def containers() -> list[str]:
    """The containers that this process has started and that are still there."""
    argv = ["docker", "ps", "-q", "--filter", f"name=60000x-{os.getpid()}-"]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()


def test_a_kernel_is_an_ordinary_user_without_capabilities(inside):
    _, said = inside("id -u; grep -E 'CapEff|CapBnd|NoNewPrivs' /proc/self/status")
    user, bounding, effective, privileges = (line.split()[-1] for line in said.splitlines())
    assert user == ordinary_user().split(":")[0] != "0"
    assert int(effective, 16) == int(bounding, 16) == 0 and privileges == "1"


def test_a_kernel_has_no_network(inside):
    _, said = inside("cat /proc/net/dev | tail -n +3 | cut -d: -f1; cat /proc/net/route | tail -n +2")
    assert said.split() == ["lo"]


@pytest.mark.parametrize(
    "path", ["/x", "/kernel/x", "/artefact/x", "/data/x", "/data/a.f64", "/launch/launch", "/etc/passwd"]
)
def test_a_kernel_can_write_nowhere_but_to_its_work_folder(inside, path):
    result, said = inside(f"echo x > {path}")
    assert not result.ok and ("Read-only" in said or "Permission denied" in said)
    assert inside("echo x > /work/x && echo x > /tmp/x")[0].ok


def test_a_kernel_runs_on_the_given_processors_only(inside):
    cpu = host.usable_cpus(1)[0]
    assert inside("grep Cpus_allowed_list /proc/self/status")[1].split()[-1] == str(cpu)


def test_processes_are_bounded(inside):
    result, said = inside("for i in $(seq 100); do sleep 5 & done; wait", timeout_s=20)
    assert "fork" in said.lower() or not result.ok


def test_memory_is_bounded(inside):
    try:
        result, said = inside("head -c 900000000 /dev/zero | tail -c 800000000 | wc -c")
    except RunError as error:
        assert "memory limit" in str(error)
    else:
        assert not result.ok or "800000000" not in said


def test_time_is_bounded_and_nothing_is_left_behind(inside):
    result, _ = inside("trap '' TERM INT; sleep 600 & sleep 600", timeout_s=1)
    assert result.timed_out
    assert containers() == []


def test_a_kept_container_keeps_nothing_between_launches(inside):
    """A kernel that could keep its product from one launch to the next would need no time for the second."""
    leave = "hostname; mkdir -p /tmp/a/b && echo x > /tmp/a/b/c && echo x > /tmp/.d && echo x > /dev/shm/e; sleep 600 &"
    _, first = inside(leave, keep=True)
    _, second = inside("hostname; ls -A /tmp /dev/shm; ls /proc | grep -c '^[0-9]'", keep=True)
    name, *left = second.split()
    assert name == first.strip() and left[:2] == ["/dev/shm:", "/tmp:"] and len(left) == 3
    assert int(left[2]) <= 6  # the launcher and this shell's own
    assert len(containers()) == 1


def test_a_kept_container_keeps_no_shared_memory_and_no_queue(inside):
    count = "cat /proc/sysvipc/shm /proc/sysvipc/msg /proc/sysvipc/sem | grep -vc key; ls -A /dev/mqueue | wc -l; "
    make = "ipcmk -M 4096 -Q -S 1; touch /dev/mqueue/x; "

    _, first = inside(make + count, keep=True)
    _, second = inside(count, keep=True)

    assert (first.split()[-2:], second.split()) == (["3", "1"], ["0", "0"])


def test_a_kept_container_that_is_killed_is_replaced(inside):
    name = inside("hostname", keep=True)[1].strip()
    while not (running := containers()):  # a busy engine lists a container only after its program has answered
        time.sleep(0.1)
    subprocess.run(["docker", "kill", *running], capture_output=True, check=True)
    with pytest.raises(RunError):
        inside("hostname", keep=True)
    assert inside("hostname", keep=True)[1].strip() != name


def test_the_size_of_an_output_is_bounded(inside, tmp_path):
    result, _ = inside("head -c 100000000 /dev/zero > /work/c", limit=10**6)
    assert not result.ok and (tmp_path / "work" / "c").stat().st_size <= 10**6


@pytest.mark.parametrize(("seccomp", "mode"), [(True, "2"), (False, "0")])
def test_system_calls_are_filtered_unless_their_cost_is_measured(tmp_path, seccomp, mode):
    executor = DockerExecutor(BUILD, LIMITS, seccomp=seccomp)
    folders = [tmp_path / name for name in ("source", "artefact", "data", "work")]
    for folder in folders:
        folder.mkdir()
    job = Job(("grep", "Seccomp:", "/proc/self/status"), "/work", "/work/out", "/work/err", 20, 2**20)

    [result] = executor.run(launcher.TOOLS, Folders(*folders), [job], (0,))

    assert result.ok and (folders[3] / "out").read_text().split()[1] == mode
