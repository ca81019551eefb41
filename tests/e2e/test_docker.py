"""With a real engine: images from packages, kernels that can reach nothing, the same results as outside."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.execute import launcher
from harness.execute.docker import DockerExecutor
from harness.execute.docker_command import BASE, ordinary_user
from harness.execute.executor import RunError
from harness.measure.container_cost import OUTSIDE, UNCONFINED, measure_costs
from harness.model.config import Limits
from harness.model.job import Absent, Built, Folders, Job, Provided
from harness.model.kernel import Toolchain
from harness.prepare.build import build, home_of
from harness.prepare.stages import Prepared, build_all, provide
from harness.system import host
from harness.util.console import Console
from harness.util.paths import ROOT
from tests.command import harness
from tests.needs import need

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("engine")]

SHELL = Toolchain("shell", (), (), (), "sh -c 'echo shell'")
LIMITS = Limits(memory_bytes=2**28, processes=40, timeout_s=60, build_timeout_s=300)


@pytest.fixture
def inside(tmp_path):
    """A function that runs a shell script in a confined container; gives its result and what it printed."""
    executor = DockerExecutor(tmp_path / "build", LIMITS)

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


def test_a_kept_container_serves_many_launches_and_none_finds_what_another_left(inside):
    """A kernel that could keep its product from one launch to the next would need no time for the second."""
    leave = "hostname; mkdir -p /tmp/a/b && echo x > /tmp/a/b/c && echo x > /tmp/.d && echo x > /dev/shm/e; sleep 600 &"
    _, first = inside(leave, keep=True)
    _, second = inside("hostname; ls -A /tmp /dev/shm; ls /proc | grep -c '^[0-9]'", keep=True)
    name, *left = second.split()
    assert name == first.strip() and left[:2] == ["/dev/shm:", "/tmp:"] and len(left) == 3
    assert int(left[2]) <= 6  # the launcher and this shell's own
    assert len(containers()) == 1


def test_a_kept_container_that_is_killed_is_replaced(inside):
    name = inside("hostname", keep=True)[1].strip()
    while not (running := containers()):  # a busy engine lists a container only after its program has answered
        time.sleep(0.1)
    subprocess.run(["docker", "kill", *running], capture_output=True, check=True)
    with pytest.raises(RunError):
        inside("hostname", keep=True)
    assert inside("hostname", keep=True)[1].strip() != name


def test_what_it_writes_is_bounded(inside, tmp_path):
    result, _ = inside("head -c 100000000 /dev/zero > /work/c", limit=10**6)
    assert not result.ok and (tmp_path / "work" / "c").stat().st_size <= 10**6


def test_an_image_that_cannot_be_built_is_said_with_the_command_that_would(tmp_path):
    executor = DockerExecutor(tmp_path / "build", LIMITS)
    found = executor.provide(Toolchain("nothing", ("no-such-package-anywhere",), (), (), "true"))
    assert isinstance(found, Absent)
    assert "its image cannot be built: " in found.reason and "no-such-package-anywhere" in found.reason
    assert found.remedy.startswith("docker build --tag 60000x/nothing:")


def test_every_language_builds_and_multiplies_in_its_image(tmp_path):
    """The naive kernel of each language of the project, from packages to verified checks."""
    done = harness("check", "--backend", "docker", "--only", "*/naive", timeout=1800)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) >= 6 and all("  passed " in line for line in lines), done.stdout


def test_a_run_in_images_verifies_the_same_bits_as_one_outside(tmp_path, compiler):
    hashes = []
    for backend in ("docker", "native"):
        done = harness(
            *("run-all", "--only", "c/naive", "--only", "c/interchange", "--n", "200", "--budget", "0.2"),
            *("--backend", backend, "--out", str(tmp_path / backend)),
        )
        assert done.returncode == 0, done.stderr
        folder = (tmp_path / backend / "latest").resolve()
        facts = json.loads((folder / "run.json").read_text())
        assert facts["backend"]["name"] == backend
        samples = [json.loads(line) for line in (folder / "samples.jsonl").read_text().splitlines()]
        assert all(sample["peak_rss_bytes"] < 2**26 for sample in samples)  # the kernel's memory, not a harness's
        hashes.append({sample["sha256"] for sample in samples if sample["rows"] == 200 and not sample["row0"]})
        if backend == "docker":
            image = facts["toolchains"]["c/naive"]
            assert image["image"].startswith("60000x/c:") and image["image_id"].startswith("sha256:")
            assert "gcc" in image["version"] and image["image_bytes"] > 2**20
        frame = pd.read_csv(folder / "results.csv")
        assert list(frame.status) == ["ok", "ok"] and frame.verified.all()
    assert hashes[0] == hashes[1] and len(hashes[0]) == 1


def test_artefacts_are_built_in_the_image_and_not_with_this_machine_s_compiler(tmp_path):
    config = replace(load_config(), build_dir=tmp_path / "build")
    kernel = next(kernel for kernel in load_kernels(config.kernels_dir) if kernel.id == "c/naive")
    executor = DockerExecutor(config.build_dir, config.limits)
    provided = executor.provide(kernel.toolchain)
    assert isinstance(provided, Provided)
    cpus = host.usable_cpus(1)
    result = build(kernel, provided, executor, config.build_dir, config.limits, "cpu", cpus)
    assert isinstance(result, Built)
    comment = subprocess.run(
        ["strings", "-n", "8", str(home_of(kernel, executor, config.build_dir) / "artefact" / "out")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Debian 14." in comment  # gcc of trixie, whatever this machine has


def test_the_dockerfile_starts_from_the_public_image_and_needs_no_buildkit():
    text = (ROOT / "Dockerfile").read_text()
    assert [line for line in text.splitlines() if line.startswith("FROM ")] == [f"FROM {BASE}"]
    assert "--mount" not in text and "<<" not in text


@pytest.mark.parametrize("buildkit", ["0", "1"], ids=["plain builder", "BuildKit"])
def test_the_dockerfile_builds_with_either_builder(buildkit):
    """A client without buildx cannot ask for BuildKit; Debian's own docker.io brings one that can."""
    packages = ["--build-arg", "APT=make", "--build-arg", "PIP=six"]
    command = ["build", "--no-cache", *packages, "-f", "Dockerfile", "harness/execute/programs"]
    said = ""
    for client in ("docker", "/usr/bin/docker"):
        if shutil.which(client):
            env = os.environ | {"DOCKER_BUILDKIT": buildkit}
            done = subprocess.run([client, *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                return
            said = done.stderr
    need("buildx" not in said, "a docker client with BuildKit")
    raise AssertionError(said)


def test_a_container_gets_an_artefact_made_for_it_even_beside_a_native_one(tmp_path):
    assert (
        Path(home_of(load_kernels(load_config().kernels_dir)[0], DockerExecutor(tmp_path, LIMITS), tmp_path)).parts[-3]
        == "docker"
    )


def test_what_a_container_costs_is_measured_for_a_program_and_said_for_what_needs_its_image(tmp_path, config, engine):
    home = tmp_path / "kernels"
    for language in ("c", "python"):
        shutil.copytree(ROOT / "kernels" / language, home / language)
    config = replace(config, kernels_dir=home, backend="docker")
    kernels = [kernel for kernel in load_kernels(home) if kernel.id in ("c/naive", "python/naive")]
    executor, prepared, console = DockerExecutor(config.build_dir, config.limits), Prepared(), Console()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    provide(kernels, executor, prepared, console)
    build_all(kernels, executor, config, prepared, console)
    step_ns = {"c/naive": 1.0, "python/naive": 50.0}
    costs = {(c.kernel, c.where): c for c in measure_costs(kernels, executor, config, step_ns, scratch, (0,))}
    for kernel in step_ns:
        cost = costs[kernel, UNCONFINED]
        assert cost.reason == ""
        assert cost.low <= cost.ratio <= cost.high and 0.2 < cost.ratio < 5
    assert costs["python/naive", OUTSIDE].reason == "what runs it is in its image only"
    outside = costs["c/naive", OUTSIDE]
    assert outside.ratio is not None or "GLIBC" in outside.reason  # an older machine cannot start it


def test_the_filter_of_system_calls_is_on_unless_its_cost_is_measured(tmp_path, engine):
    for seccomp, mode in ((True, "2"), (False, "0")):
        executor = DockerExecutor(tmp_path / "build", LIMITS, seccomp=seccomp)
        folders = [tmp_path / f"{name}{mode}" for name in ("source", "artefact", "data", "work")]
        for folder in folders:
            folder.mkdir()
        job = Job(("grep", "Seccomp:", "/proc/self/status"), "/work", "/work/out", "/work/err", 20, 2**20)
        [result] = executor.run(launcher.TOOLS, Folders(*folders), [job], (0,))
        assert result.ok and (folders[3] / "out").read_text().split()[1] == mode
