"""Show the progress of all hosts in one table, which is redrawn on a terminal."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Mapping

from harness.hosts.campaign import HostState, State

MAX_NAME = 40
"""Width of the longest name of a host that is shown whole."""


def table_lines(hosts: Mapping[str, HostState], height: int = 10**6) -> list[str]:
    """Return a line per host and a line of totals; where they do not fit in `height`, hosts that are done are left out.

    Nobody needs to watch a host whose run has been collected.
    """
    totals = Counter(state.state for state in hosts.values())
    summary = ", ".join(f"{totals[state]} {state}" for state in State if totals[state])
    shown = dict(sorted(hosts.items()))
    if len(shown) + 2 > height:
        shown = {name: state for name, state in shown.items() if state.state != State.CHECKED}
    width = max((min(len(name), MAX_NAME) for name in shown), default=4)
    lines = [_line(name, state, width) for name, state in list(shown.items())[: height - 2]]
    return [*lines, f"{len(hosts)} hosts: {summary}"]


def _line(name: str, state: HostState, width: int) -> str:
    again = f" (continued {state.resumed} times)" if state.resumed > 1 else " (continued)" if state.resumed else ""
    return f"{name[:MAX_NAME]:<{width}}  {state.state:<10}  {state.detail}{again}".rstrip()


class Screen:
    """The table on stderr: redrawn in place on a terminal, elsewhere a line whenever a host's state changes."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self._drawn = 0
        self._states: dict[str, State] = {}

    def draw(self, hosts: Mapping[str, HostState]) -> None:
        """Show the table, or the hosts whose state has changed."""
        if self._terminal:
            size = os.get_terminal_size(sys.stderr.fileno())
            lines = [line[: size.columns - 1] for line in table_lines(hosts, size.lines - 1)]
            up = f"\x1b[{self._drawn}A" if self._drawn else ""
            print(up + "".join(f"\r\x1b[K{line}\n" for line in lines) + "\x1b[J", end="", file=sys.stderr, flush=True)
            self._drawn = len(lines)
            return
        for name, state in hosts.items():
            if self._states.get(name) != state.state:
                self._states[name] = state.state
                print(_line(name, state, len(name)), file=sys.stderr, flush=True)
