"""Defer Ctrl-C to the end of the current launch."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any


class DeferredInterrupt:
    """A context in which Ctrl-C once lets the current launch end and be stored, and twice stops it."""

    def __init__(self) -> None:
        self._requested = False
        self._previous_handler: Any = None

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self._previous_handler = signal.signal(signal.SIGINT, self._handle)

    def __exit__(self, *_: object) -> None:
        if self._previous_handler is not None:
            signal.signal(signal.SIGINT, self._previous_handler)

    def _handle(self, *_: object) -> None:
        if self._requested:
            raise KeyboardInterrupt
        self._requested = True
        os.write(2, b"\nending after this launch; Ctrl-C again stops it\n")  # print is not safe in a signal handler

    def check(self) -> None:
        """Raise KeyboardInterrupt if Ctrl-C was pressed; call it between two launches."""
        if self._requested:
            raise KeyboardInterrupt
