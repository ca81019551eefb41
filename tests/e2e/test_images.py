"""Images of toolchains: built from packages, with the same artefacts and the same bits as outside."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace

import pandas as pd
import pytest

from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.execute.docker import DockerExecutor
from harness.execute.docker_command import BASE, build_image
from harness.measure.container_cost import OUTSIDE, UNCONFINED, measure_costs
from harness.model.config import Limits
from harness.model.job import Absent, Built, Provided
from harness.model.kernel import Toolchain
from harness.prepare.build import build, home_of
from harness.prepare.stages import Prepared, build_all, provide
from harness.system import host
from harness.util.console import Console
from harness.util.paths import ROOT
from tests.command import harness
from tests.needs import need

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("engine")]

LIMITS = Limits(memory_bytes=2**28, processes=40, timeout_s=60, build_timeout_s=300)


def test_an_image_that_cannot_be_built_is_a_reason_and_a_command(tmp_path):
    executor = DockerExecutor(tmp_path / "build", LIMITS)
    found = executor.provide(Toolchain("nothing", ("no-such-package-anywhere",), (), (), "true"))
    assert isinstance(found, Absent)
    assert "its image cannot be built: " in found.reason and "no-such-package-anywhere" in found.reason
    assert found.remedy.startswith("docker build --tag 60000x/nothing:")


def test_an_image_may_start_from_another_than_all_others(tmp_path):
    other = "60000x/other:base"
    build_image(other, tmp_path, f"FROM {BASE}\nRUN echo of another kind > /other\n", "--label", "60000x=1")
    executor = DockerExecutor(tmp_path / "build", LIMITS)

    found = executor.provide(Toolchain("other", (), (), (), "cat /other", image=other))

    assert isinstance(found, Provided) and found.version == "of another kind"
    assert isinstance(executor.provide(Toolchain("other", (), (), (), "cat /other")), Absent)


@pytest.mark.long(230)
def test_every_language_builds_and_multiplies_in_its_image(tmp_path):
    """The naive kernel of each language of the project, from packages to verified checks."""
    done = harness("check", "--backend", "docker", "--only", "*/naive", timeout=1800)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) >= 6 and all("  passed " in line for line in lines), done.stdout


def test_opencl_is_measured_on_the_cpu_in_its_image(tmp_path):
    """PoCL compiles in the confined container, where it can write to the work folder only."""
    done = harness(
        *("run-all", "--backend", "docker", "--kernels", str(ROOT / "more"), "--only", "opencl/packed"),
        *("--n", "200", "--effort", "quick", "--rounds", "3", "--out", str(tmp_path)),
        timeout=900,
    )

    [row] = pd.read_csv(tmp_path / "latest" / "results.csv").itertuples()
    assert (done.returncode, row.status, row.verified) == (0, "ok", True), done.stdout
    assert row.device and "PoCL" in row.driver and row.device_s <= row.time_s


def test_a_run_in_images_verifies_the_same_bits_as_one_outside(tmp_path, compiler):
    hashes = []
    for backend in ("docker", "native"):
        done = harness(
            *(
                "run-all",
                "--only",
                "c/naive",
                "--only",
                "c/interchange",
                "--n",
                "200",
                "--effort",
                "quick",
                "--rounds",
                "3",
            ),
            *("--backend", backend, "--out", str(tmp_path / backend)),
        )
        assert done.returncode == 0, done.stderr
        folder = (tmp_path / backend / "latest").resolve()
        record = json.loads((folder / "run.json").read_text())
        assert record["backend"]["name"] == backend
        samples = [json.loads(line) for line in (folder / "samples.jsonl").read_text().splitlines()]
        assert all(sample["peak_rss_bytes"] < 2**26 for sample in samples)  # the kernel's memory, not a harness's
        hashes.append({sample["sha256"] for sample in samples if sample["rows"] == 200 and not sample["row0"]})
        if backend == "docker":
            image = record["toolchains"]["c/naive"]
            assert image["image"].startswith("60000x/c:") and image["image_id"].startswith("sha256:")
            assert "gcc" in image["version"] and image["image_bytes"] > 2**20
        frame = pd.read_csv(folder / "results.csv")
        assert list(frame.status) == ["ok", "ok"] and frame.verified.all()
    assert hashes[0] == hashes[1] and len(hashes[0]) == 1


def test_artefacts_are_built_by_the_compiler_of_the_image(tmp_path):
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


def test_the_cost_of_a_container_is_measured_where_it_can_be(tmp_path, config, engine):
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
    assert costs["python/naive", OUTSIDE].reason == "the program that runs it is in its image only"
    outside = costs["c/naive", OUTSIDE]
    assert outside.ratio is not None or "GLIBC" in outside.reason  # an older machine cannot start it
