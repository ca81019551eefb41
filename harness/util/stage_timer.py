"""Print the stages of a run, and measure how long each takes."""

from __future__ import annotations

import time

from harness.util.console import Console
from harness.util.format import duration


class StageTimer:
    """Print each stage as it begins, and its time as it ends.

    `seconds` holds the time of each stage, added up over all resumptions of a run.
    """

    def __init__(self, console: Console, seconds: dict[str, float]) -> None:
        self._console, self._seconds, self._name, self._start = console, seconds, "", time.monotonic()

    def __call__(self, name: str) -> None:
        """End the current stage, and begin another."""
        self.end()
        self._console.line(f"{name} ...")
        self._name, self._start = name, time.monotonic()

    def end(self) -> None:
        """End the current stage, if there is one."""
        if self._name:
            elapsed_s = time.monotonic() - self._start
            self._seconds[self._name] = self._seconds.get(self._name, 0.0) + elapsed_s
            self._console.line(f"  {self._name.lower()}: {duration(elapsed_s)}")
