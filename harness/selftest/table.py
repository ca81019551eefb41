"""Define the table in which the outcome of an experiment is shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """The outcome of an experiment; each row has as many cells as `head`."""

    name: str
    title: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]]
