"""What the user sees while a run goes on: lines on stderr, and a status line that stands still during a launch."""

from __future__ import annotations

import shutil
import sys
import threading

from harness.model.job import Progress


class Console:
    """Lines on stderr. On a terminal, progress overwrites one line; elsewhere it is a line now and then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._terminal = sys.stderr.isatty()
        self._open_line = False
        self._launches_said = 0

    def line(self, text: str) -> None:
        """A line that stays."""
        with self._lock:
            self._clear()
            print(text, file=sys.stderr, flush=True)

    def status(self, text: str) -> None:
        """A line that the next one replaces; only on a terminal."""
        if not self._terminal:
            return
        with self._lock:
            self._clear()
            width = shutil.get_terminal_size().columns
            print(text[: width - 1], end="", file=sys.stderr, flush=True)
            self._open_line = True

    def measuring(self, progress: Progress) -> None:
        """Say what is about to be timed. Nothing is drawn until it has ended."""
        from harness.util.format import duration

        rows = ", ".join(str(step.rows) for step in progress.steps)
        expected = f", about {duration(progress.expected_s)}" if progress.expected_s else ""
        left = f"; about {duration(progress.left_s)} of budgets left" if progress.left_s else ""
        text = f"  {progress.kernel.id}: {rows} rows{expected}{left}"
        self.status(text)
        if not self._terminal and progress.launches_done >= self._launches_said + 20:
            self._launches_said = progress.launches_done
            self.line(f"  {progress.launches_done} launches done{left}")

    def _clear(self) -> None:
        if self._open_line:
            print("\r\x1b[K", end="", file=sys.stderr)
            self._open_line = False
