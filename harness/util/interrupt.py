"""Defer Ctrl-C to the end of the launch at hand."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any


class DeferredInterrupt:
    """Ctrl-C while launches are made: once lets the launch at hand end and be stored, twice stops it."""

    def __init__(self) -> None:
        self._asked = False
        self._before: Any = None

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._ask)

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _ask(self, *_: object) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True
        os.write(2, b"\nending after this launch; Ctrl-C again stops it\n")  # print is not safe in a handler

    def check(self) -> None:
        """Raise KeyboardInterrupt, between two launches, if it was asked for."""
        if self._asked:
            raise KeyboardInterrupt
