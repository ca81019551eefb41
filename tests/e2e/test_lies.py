"""Kernels that were written to cheat, run as a user runs them: each is caught, by the name of the check."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile import LIES, assert_found

pytestmark = pytest.mark.alone
"""What a kernel says is held against what its launches took: beside another test, both are anybody's guess."""

CASES = [pytest.param(kernel, backend, id=f"{kernel.name}-{backend}") for kernel in LIES for backend in kernel.reasons]


@pytest.mark.parametrize(("kernel", "backend"), CASES)
def test_a_lie_is_caught_by_the_name_of_the_check(kernel, backend, hostile_run):
    assert_found(hostile_run(backend).rows.loc[kernel.id], kernel.reasons[backend])


@pytest.mark.parametrize("backend", ["native", "docker"])
def test_an_honest_kernel_is_measured_beside_lies(backend, hostile_run):
    rows = hostile_run(backend).rows

    assert rows.status["toy/naive"] == "ok", rows.reason["toy/naive"]


def test_no_daemon_of_a_lie_is_left(hostile_run):
    mark = hostile_run("native").mark

    assert f"@daemon-{mark}" not in Path("/proc/net/unix").read_text()
