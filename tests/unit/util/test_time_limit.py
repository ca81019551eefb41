"""A limit on the time of this process's own work."""

from __future__ import annotations

import re
import signal

import pytest

from harness.util.time_limit import OutOfTimeError, time_limit


def test_search_without_end_is_ended():
    with pytest.raises(OutOfTimeError, match="too long"), time_limit(0.05, "too long"):
        re.search(r"(a+)+b", "a" * 60)


def test_work_in_time_is_left_alone():
    handler = signal.getsignal(signal.SIGALRM)

    with time_limit(60, "too long"):
        pass

    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0) and signal.getsignal(signal.SIGALRM) is handler
