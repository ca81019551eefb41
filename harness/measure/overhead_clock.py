"""Measure the time that the harness takes for itself between launches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class OverheadClock:
    """Sums of the harness's own time between launches, in nanoseconds, by a monotonic clock.

    `gaps_ns` holds one gap per pair of consecutive launches: from the end of a launch to the start of the next, without
    the time of verification. `verify_ns` is the time of all verifications together.
    """

    def __init__(self, now_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._now_ns = now_ns
        self._gap_start_ns: int | None = None
        self.gaps_ns: list[int] = []
        self.verify_ns = 0

    @contextmanager
    def launch(self) -> Iterator[None]:
        """Run a launch in the block, and record the gap before it."""
        if self._gap_start_ns is not None:
            self.gaps_ns.append(self._now_ns() - self._gap_start_ns)
        try:
            yield
        finally:
            self._gap_start_ns = self._now_ns()

    @contextmanager
    def verification(self) -> Iterator[None]:
        """Run a verification in the block, and add its time to `verify_ns` instead of to the current gap."""
        start_ns = self._now_ns()
        try:
            yield
        finally:
            elapsed_ns = self._now_ns() - start_ns
            self.verify_ns += elapsed_ns
            if self._gap_start_ns is not None:
                self._gap_start_ns += elapsed_ns
