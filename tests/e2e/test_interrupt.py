"""Ctrl-C during a run: a report of what there is, and how to go on."""

from __future__ import annotations

import signal
import sys
import time

import pytest

from harness.execute.docker_command import BASE, build_image
from tests.command import command_lines, started


def wait_for(condition, what: str) -> None:
    """Wait for a minute at most until the condition holds."""
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(f"a minute passed without {what}")


def samples_of(project):
    """Return the file of samples of the only run."""
    return next(project.glob("reports/2*/samples.jsonl"), None)


def test_ctrl_c_reports_what_there_is_and_ends_with_130(checked_project):
    config = str(checked_project / "config.yaml")
    with started("run-all", "--config", config, "--rounds", "500") as process:
        wait_for(lambda: (path := samples_of(checked_project)) and path.stat().st_size, "a sample")
        samples = samples_of(checked_project)

        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)

    assert process.returncode == 130, err
    assert out == "" and "Traceback" not in err
    assert f"To continue: {sys.executable} -m harness run-all --resume {samples.parent}" in err
    assert "This run was interrupted" in (samples.parent / "report.html").read_text()


@pytest.mark.docker
def test_ctrl_c_while_an_image_is_built_waits_for_no_step(project, engine, tmp_path):
    """The steps of this image take ten minutes each: they run in a shell that only sleeps."""
    slow = "printf '#!/bin/bash\\nexec sleep 600\\n' > /slow && chmod +x /slow && ln -sf /slow /bin/sh"
    build_image("60000x/slow:base", tmp_path, f"FROM {BASE}\nRUN {slow}\n", "--label", "60000x=1")
    path = project / "kernels" / "toy" / "kernel.yaml"
    path.write_text(f"{path.read_text()}apt: [make]\nimage: 60000x/slow:base\n")

    def image_is_built() -> bool:
        return any(words[:2] == ["docker", "build"] and "BASE=60000x/slow:base" in words for words in commands())

    def commands():
        return command_lines().values()

    with started("check", "--config", str(project / "config.yaml"), "--backend", "docker") as process:
        wait_for(image_is_built, "a build")
        process.send_signal(signal.SIGINT)
        err = process.communicate(timeout=60)[1]

    assert process.returncode == 130 and "Traceback" not in err
    assert not image_is_built()


@pytest.mark.long(25)
@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_lets_the_launch_end_and_a_second_stops_it(project, times):
    source = project / "kernels" / "toy" / "naive.py"
    text = source.read_text()
    source.write_text(text.replace("def spoil(c):\n", "def spoil(c):\n    if len(c) == 64 * 64: time.sleep(3)\n", 1))

    def whole_product_is_computed() -> bool:
        return any(str(source) in words and words[-4:-2] == ["64", "64"] for words in command_lines().values())

    with started("run-all", "--config", str(project / "config.yaml"), "--full", "--rounds", "500") as process:
        wait_for(whole_product_is_computed, "a launch on a whole product")
        time.sleep(0.2)
        samples = samples_of(project)
        before = len(samples.read_bytes().splitlines())
        start = time.monotonic()

        for _ in range(times):
            process.send_signal(signal.SIGINT)
            time.sleep(0.3)
        err = process.communicate(timeout=60)[1]

    assert process.returncode == 130 and "Traceback" not in err
    assert "ending after this launch; Ctrl-C again stops it" in err
    assert (len(samples.read_bytes().splitlines()) > before) == (times == 1)
    assert time.monotonic() - start < 30
    assert (samples.parent / "report.html").exists()
