"""Call valgrind's tool cachegrind, and read what it counted and why it could not."""

from __future__ import annotations

import re
from pathlib import Path

from harness.model.counts import Caches, CacheShape, Events

OUTPUT, LOG = "cachegrind.out", "valgrind.log"
"""First parts of the names of the files that each counted process writes to its working folder."""

UNKNOWN_INSTRUCTION = re.compile(r"unhandled instruction|Unrecognised instruction")

ADDRESS_SPACE = ("setarch", "-R")
"""The command without address space randomisation: caches are indexed by addresses, and interpreters hash them."""


def prefix(caches: Caches) -> str:
    """Return the words before a kernel's run command that count it, as a part of a command of kernel.yaml.

    The hash seed is fixed, since the order of Python's sets depends on it.
    """
    options = {
        "I1": _shape(caches.first_instruction),
        "D1": _shape(caches.first_data),
        "LL": _shape(caches.last),
        "cachegrind-out-file": f"{OUTPUT}.%p",
        "log-file": f"{LOG}.%p",
    }
    words = ["valgrind", "--tool=cachegrind", "--cache-sim=yes", "--branch-sim=yes", "--trace-children=yes"]
    words += ["--vgdb=no", *(f"--{name}={value}" for name, value in options.items())]
    return " ".join(["env", "PYTHONHASHSEED=0", *ADDRESS_SPACE, *words])


def _shape(shape: CacheShape) -> str:
    return f"{shape.size_bytes},{shape.ways},{shape.line_bytes}"


def read_events(folder: Path) -> Events | None:
    """Return the events of all processes that were counted in a folder; None if there is no complete file."""
    counted = [events for path in folder.glob(f"{OUTPUT}.*") if (events := parse_events(path))]
    if not counted:
        return None
    total = counted[0]
    for events in counted[1:]:
        total = Events(*(a + b for a, b in zip(vars(total).values(), vars(events).values(), strict=True)))
    return total


def parse_events(path: Path) -> Events | None:
    """Return the events of one process from its `events:` and `summary:` lines; None without a summary."""
    names, totals = "", ""
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith("events:"):
                names = line
            elif line.startswith("summary:"):
                totals = line
    counted = dict(zip(names.split()[1:], map(int, totals.split()[1:]), strict=False))
    if not counted:
        return None
    return Events(
        instructions=counted["Ir"],
        l1_misses=counted["D1mr"] + counted["D1mw"],
        ll_misses=counted["DLmr"] + counted["DLmw"],
        branches=counted["Bc"] + counted["Bi"],
        mispredicted=counted["Bcm"] + counted["Bim"],
    )


def lacks_instruction(folder: Path) -> bool:
    """Return whether valgrind met an instruction that it does not know in any process counted in a folder."""
    return any(
        UNKNOWN_INSTRUCTION.search(path.read_text(encoding="utf-8", errors="replace"))
        for path in folder.glob(f"{LOG}.*")
    )
