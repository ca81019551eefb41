"""Test the counters of the machine, and what they show beside a launch."""

from __future__ import annotations

import os

from harness.system.monitor import Watcher, counters
from tests import factories


def compute(seconds: float) -> None:
    """Use this much processor time."""
    end = os.times().user + seconds
    while os.times().user < end:
        pass


def test_counters_grow_with_processor_time():
    before = counters()

    compute(0.2)

    after = counters()
    assert after.busy_ns - before.busy_ns >= 100e6
    assert after.steal_ns >= before.steal_ns


def test_processor_time_of_others_is_what_the_launch_did_not_use():
    watcher = Watcher(min(os.sched_getaffinity(0)))
    before = watcher.before()
    compute(0.3)

    delta = watcher.after(before, factories.job_result(user_ns=0))

    assert delta.others_cpu_ns >= 200e6
    assert delta.core_ns == before[0][0]
