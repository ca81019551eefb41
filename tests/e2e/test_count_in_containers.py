"""Test that kernels in containers are counted, by valgrind that is copied out of an image of its own."""

from __future__ import annotations

import pytest

from tests.c_project import make_c_project
from tests.command import harness

pytestmark = pytest.mark.docker


def test_kernels_are_counted_in_their_containers(engine, tmp_path):
    config = str(make_c_project(tmp_path) / "config.yaml")

    done = harness("count", "--backend", "docker", "--config", config)

    assert done.returncode == 0, done.stderr
    assert "c/naive: " in done.stderr and "instructions a multiply-add" in done.stderr
    assert "counted at n = 64, in 8 rows" in done.stdout
