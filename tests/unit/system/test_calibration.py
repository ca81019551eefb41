"""Test the speed probe."""

from __future__ import annotations

import os

from harness.system.calibration import SpeedProbe


def test_speed_probe_returns_times_and_frees_its_processor():
    """The process may use the same processors after the probe as before it."""
    allowed = os.sched_getaffinity(0)

    core_ns, memory_ns = SpeedProbe(min(allowed)).measure()

    assert core_ns > 0 and memory_ns > 0
    assert os.sched_getaffinity(0) == allowed
