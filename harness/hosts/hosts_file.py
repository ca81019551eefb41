"""Read hosts.yaml: what an hour of each host costs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Gt
from pydantic import Field

from harness.config.yamlfile import Strict, load


class HostEntry(Strict):
    """A host: the price of an hour, a note for readers, and the ids of its runs if they were not collected by name."""

    price_per_hour: Annotated[float, Gt(0)] | None = None
    note: str = ""
    runs: list[str] = Field(default_factory=list)


class HostsFile(Strict):
    """The content of hosts.yaml."""

    format: Literal[1] = 1
    currency: str = ""
    hosts: dict[str, HostEntry] = Field(default_factory=dict)


def load_hosts(path: Path | None) -> HostsFile:
    """Read hosts.yaml; without a file, no host has a price. Raises UsageError with every mistake."""
    return load(path, HostsFile) if path else HostsFile()
