"""The order of tests: the longest first, so that no process works on one of them while the others have none left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest

Item = TypeVar("Item")


def seconds_of(item: pytest.Item) -> float:
    """Return how long a test takes by its mark `long`, or 0 without one."""
    mark = item.get_closest_marker("long")
    return mark.args[0] if mark else 0.0


def processes(config: pytest.Config) -> int:
    """Return how many processes of pytest-xdist run the tests."""
    worker = getattr(config, "workerinput", None)
    return worker["workercount"] if worker else 1


def longest_first(items: Sequence[Item], processes: int, seconds: Callable[[Item], float]) -> list[Item]:
    """Return the items in an order in which every process begins with its share of the long ones.

    `--dist worksteal` gives each process one of as many equal parts of the list, in order; a process that has finished
    its part takes half of what is left from the end of another's. So the long items are dealt to the heads of the
    parts; the others keep their order, in which tests of one module follow each other and share its fixtures.
    """
    long = sorted((item for item in items if seconds(item)), key=seconds, reverse=True)
    others = [item for item in items if not seconds(item)]
    ordered: list[Item] = []
    for process in range(processes):
        head = long[process::processes]
        size = (len(items) - len(ordered)) // (processes - process)
        tail = max(size - len(head), 0)
        ordered += [*head, *others[:tail]]
        others = others[tail:]
    return ordered
