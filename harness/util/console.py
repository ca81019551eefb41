"""Print lines and a status line on stderr; nothing is printed during a launch, because it would disturb the times."""

from __future__ import annotations

import os
import sys
import threading

from harness.model.job import Progress

LAUNCHES_PER_LINE = 20
"""Launches between two lines of progress where stderr is no terminal: about 30 lines for a default run."""

DEFAULT_COLUMNS = 80
"""Width of a terminal that does not know its width."""


class Console:
    """Lines on stderr. On a terminal, progress overwrites one line; elsewhere it is a line every 20 launches."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._terminal = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self._open_line = False
        self._done_printed = 0

    def line(self, text: str) -> None:
        """Print a line that stays."""
        with self._lock:
            self._clear()
            print(text, file=sys.stderr, flush=True)

    def status(self, text: str) -> None:
        """Print a line that the next one replaces, if stderr is a terminal."""
        if not self._terminal:
            return
        with self._lock:
            self._clear()
            width = os.get_terminal_size(sys.stderr.fileno()).columns or DEFAULT_COLUMNS
            print(text[: width - 1], end="", file=sys.stderr, flush=True)
            self._open_line = True

    def clear(self) -> None:
        """Remove the line that status() printed, before a result is printed."""
        with self._lock:
            self._clear()

    def measuring(self, progress: Progress) -> None:
        """Print the next launches of a kernel, before they begin."""
        from harness.util.format import duration, significant

        left = f"; about {duration(progress.left_s)} left" if progress.left_s else ""
        answer = f"; so far {significant(progress.speedup)} times" if progress.speedup else ""
        rows = ", ".join(str(step.rows) for step in progress.steps)
        expected = f", about {duration(progress.expected_s)}" if progress.expected_s else ""
        detail = f": {progress.kernel.id}, {rows} rows{expected}"
        self.progress(f"  {progress.stage}{left}{answer}", progress.launches_done, detail)

    def progress(self, text: str, done: int, detail: str = "") -> None:
        """Print how far a measurement is, with the detail on a terminal only.

        Elsewhere, a line is printed when `done` has grown by LAUNCHES_PER_LINE: launches, or seconds of short launches.
        """
        self.status(text + detail)
        if not self._terminal and done >= self._done_printed + LAUNCHES_PER_LINE:
            self._done_printed = done
            self.line(text)

    def _clear(self) -> None:
        if self._open_line:
            print("\r\x1b[K", end="", file=sys.stderr)
            self._open_line = False
