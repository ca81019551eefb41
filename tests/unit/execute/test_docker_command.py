"""Test what is told of a Docker engine that hangs or fails."""

from __future__ import annotations

import pytest

from harness.execute import docker_command
from harness.execute.docker_command import base_image, docker, error_line


@pytest.fixture
def hanging_engine(tmp_path, monkeypatch):
    """Put a docker command on the path that never ends."""
    (tmp_path / "docker").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")


def test_engine_that_hangs_is_told_in_one_sentence(hanging_engine):
    done = docker("info", timeout=0.2)

    assert done.returncode == docker_command.OUT_OF_TIME
    assert done.stderr == "the Docker engine does not answer 'docker info' (to mend it: systemctl restart docker)"


def test_engine_that_hangs_has_no_base_image(hanging_engine, monkeypatch):
    monkeypatch.setattr(docker_command, "docker", lambda *words, **_: docker(*words, timeout=0.2))

    assert "does not answer 'docker pull'" in str(base_image())


@pytest.mark.parametrize(
    ("output", "line"),
    [
        (
            " ---> Running in cd8b372db9dc\nfailed to create network bridge\n ---> Running in 0\n",
            "failed to create network bridge",
        ),
        ("Step 2/4 : RUN x\nE: Unable to locate package x\nThe command returned 100", "E: Unable to locate package x"),
        ("", "no reason given"),
    ],
)
def test_error_of_a_build_is_no_line_of_its_progress(output, line):
    assert error_line(output) == line
