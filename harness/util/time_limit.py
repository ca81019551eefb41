"""Limit the time of a part of this process's own work."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from harness.model.errors import HarnessError


class OutOfTimeError(HarnessError):
    """The work of a time_limit() took too long."""


@contextmanager
def time_limit(seconds: float, reason: str) -> Iterator[None]:
    """Raise OutOfTimeError with this reason if the block takes longer; only the main thread can use it.

    Python looks for signals within a search by a regular expression, too.
    """

    def end(*_: object) -> NoReturn:
        raise OutOfTimeError(reason)

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
