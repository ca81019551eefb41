"""The Dockerfile of the toolchains, and where what is built in its images lies."""

from __future__ import annotations

from pathlib import Path

from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.execute.docker import DockerExecutor
from harness.execute.docker_command import BASE
from harness.prepare.build import home_of
from harness.util.paths import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_it_starts_from_the_public_image_unless_told_otherwise():
    start = [line for line in DOCKERFILE.splitlines() if line.startswith(("ARG BASE", "FROM "))]

    assert start == [f"ARG BASE={BASE}", "FROM $BASE"]


def test_it_needs_no_buildkit():
    assert "--mount" not in DOCKERFILE and "<<" not in DOCKERFILE


def test_an_artefact_for_a_container_lies_beside_a_native_one(tmp_path):
    config = load_config()
    kernel, executor = load_kernels(config.kernels_dir)[0], DockerExecutor(tmp_path, config.limits)

    assert Path(home_of(kernel, executor, tmp_path)).parts[-3] == "docker"
