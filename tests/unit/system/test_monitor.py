"""Watching the machine: counters that grow, loops that leave no trace, settings that are put back."""

from __future__ import annotations

import os

import pytest

from harness.model.errors import UsageError
from harness.model.job import JobResult
from harness.system import huge_pages
from harness.system.calibration import SpeedProbe
from harness.system.host import chosen
from harness.system.huge_pages import huge_pages_for_all
from harness.system.monitor import Watcher, counters


def result(user_ns: int) -> JobResult:
    return JobResult(0, 0, False, 10**9, user_ns, 0, 2**20, 0, 0, 0, 0)


def test_counters_grow_with_what_is_computed():
    before = counters()
    end = os.times().user + 0.2
    while os.times().user < end:
        pass
    assert counters().busy_ns - before.busy_ns >= 100e6
    assert counters().steal_ns >= before.steal_ns


def test_calibrating_takes_some_milliseconds_on_its_processor_and_gives_the_others_back():
    allowed = os.sched_getaffinity(0)
    core_ns, memory_ns = SpeedProbe(min(allowed)).measure()
    assert core_ns > 0 and memory_ns > 0
    assert os.sched_getaffinity(0) == allowed


def test_the_time_of_others_is_what_the_launch_did_not_use():
    watcher = Watcher(min(os.sched_getaffinity(0)))
    seen = watcher.before()
    end = os.times().user + 0.3
    while os.times().user < end:
        pass
    seen_by_another = watcher.after(seen, result(user_ns=0))
    assert seen_by_another.others_cpu_ns >= 200e6
    assert seen_by_another.core_ns == seen[0][0]


def test_the_chosen_word_of_a_setting():
    assert chosen("always [madvise] never\n") == "madvise"
    assert chosen("2\n") == "2"


def test_huge_pages_are_for_all_while_it_is_wanted_and_as_they_were_afterwards(tmp_path, monkeypatch):
    setting = tmp_path / "enabled"
    setting.write_text("always [madvise] never\n")
    monkeypatch.setattr(huge_pages, "_HUGE_PAGES", setting)
    with huge_pages_for_all(False):
        assert setting.read_text() == "always [madvise] never\n"
    with pytest.raises(ZeroDivisionError), huge_pages_for_all(True):
        assert setting.read_text() == "always"
        raise ZeroDivisionError
    assert setting.read_text() == "madvise"


def test_huge_pages_that_cannot_be_had_are_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(huge_pages, "_HUGE_PAGES", tmp_path / "none" / "enabled")
    with pytest.raises(UsageError, match=r"--pages huge: .* cannot be changed"), huge_pages_for_all(True):
        pass
