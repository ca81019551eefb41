"""Test what is said of a machine that can disturb a measurement."""

from __future__ import annotations

from harness.system.noise import mixed_cores
from harness.system.topology import Processor


def test_a_run_on_cores_of_two_kinds_is_told():
    fast, slow = Processor(0, (0,), 1024), Processor(1, (1,), 500)

    [(observation, remedy)] = mixed_cores([fast, slow])

    assert observation.startswith("1 of the 2 processors are efficiency cores")
    assert "--threads to 1" in remedy
    assert mixed_cores([fast]) == mixed_cores([slow]) == []
