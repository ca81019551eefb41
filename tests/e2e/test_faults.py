"""Kernels that break, hang or do harm: each is a row with its reason, and no other kernel suffers."""

from __future__ import annotations

import pytest

from tests.command import command_lines
from tests.hostile import FAULTS, assert_found

pytestmark = pytest.mark.alone
"""One of them forks without end, and one hangs: beside another test, that would be its trouble."""

CASES = [
    pytest.param(kernel, backend, id=f"{kernel.name}-{backend}") for kernel in FAULTS for backend in kernel.reasons
]


@pytest.mark.parametrize(("kernel", "backend"), CASES)
def test_a_fault_is_a_row_with_its_reason(kernel, backend, hostile_run):
    assert_found(hostile_run(backend).rows.loc[kernel.id], kernel.reasons[backend])


@pytest.mark.parametrize("name", ["toy/naive", "toy/interchange"])
@pytest.mark.parametrize("backend", ["native", "docker"])
def test_an_honest_kernel_is_measured_beside_faults(name, backend, hostile_run):
    rows = hostile_run(backend).rows

    assert rows.status[name] == "ok", rows.reason[name]


@pytest.mark.parametrize("backend", ["native", "docker"])
def test_a_kernel_that_does_not_build_is_a_row_beside_faults(backend, hostile_run):
    assert "error: no such word" in hostile_run(backend).rows.reason["toy/naive-does-not-build"]


@pytest.mark.parametrize("backend", ["native", "docker"])
def test_a_kernel_without_its_toolchain_is_skipped_beside_faults(backend, hostile_run):
    absent = hostile_run(backend).rows.loc["toy/naive-needs-what-is-absent"]

    assert absent.status == "skipped" and "no-such-program" in absent.reason


def test_no_process_of_a_fault_is_left(hostile_run):
    marks = {hostile_run(backend).mark for backend in ("native", "docker")}

    assert not [words for words in command_lines().values() if marks & set(words)]
