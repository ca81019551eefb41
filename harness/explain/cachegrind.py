"""Call valgrind's tool cachegrind, and read what it counted and why it could not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from harness.execute.executor import Executor
from harness.execute.toolchain_images import copy_valgrind
from harness.execute.toolchains import VALGRIND
from harness.model.config import Backend
from harness.model.counts import Caches, CacheShape, Events
from harness.model.errors import HarnessError
from harness.model.job import Absent

OUTPUT, LOG = "cachegrind.out", "valgrind.log"
"""First parts of the names of the files that each counted process writes to its working folder."""

NAMELESS = "fn=???"
"""The line before the counts of code that is in no function of a file."""

UNKNOWN_INSTRUCTION = re.compile(r"unhandled instruction|Unrecognised instruction")


@dataclass(frozen=True)
class Tool:
    """Valgrind in the place where kernels run: its version, and the words that start it there.

    `files` is the folder of its files where it has to be copied into a launch's working folder, as INSIDE.
    """

    version: str
    words: str
    files: Path | None = None


LOWEST_ADDRESS = 2**32
"""Lowest address of what a program maps, the highest that valgrind takes. Zig's library asks for addresses below those
that it has, and below valgrind's own lowest, 64 MiB, there is no room for a matrix."""

INSIDE = "valgrind"
"""Name of the folder of valgrind's files in a working folder."""


def tool_of(executor: Executor, build_dir: Path) -> Tool | Absent:
    """Return valgrind in the place of an executor, or why it is missing there.

    Outside of containers it runs without address space randomisation, by which interpreters hash. Containers forbid to
    switch that off; valgrind itself places all that a program maps.
    """
    provided = executor.provide(VALGRIND)
    if isinstance(provided, Absent):
        return provided
    if executor.name != Backend.DOCKER:
        return Tool(provided.version, "setarch -R valgrind")
    try:
        files = copy_valgrind(provided, build_dir / executor.name / "tools")
    except (HarnessError, OSError) as error:
        return Absent(str(error))
    return Tool(provided.version, f"env VALGRIND_LIB=/work/{INSIDE} /work/{INSIDE}/valgrind.bin", files)


def prefix(tool: Tool, caches: Caches) -> str:
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
    words = ["--tool=cachegrind", "--cache-sim=yes", "--branch-sim=yes", "--trace-children=yes", "--vgdb=no"]
    words += [f"--aspace-minaddr={LOWEST_ADDRESS:#x}"]
    words += [f"--{name}={value}" for name, value in options.items()]
    return " ".join(["env", "PYTHONHASHSEED=0", tool.words, *words])


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


def nameless_instructions(folder: Path) -> int:
    """Return how many of the counted instructions lie in no named function, as those that a JIT compiler makes do."""
    return sum(_nameless(path) for path in folder.glob(f"{OUTPUT}.*"))


def _nameless(path: Path) -> int:
    total, inside = 0, False
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith("fn="):
                inside = line.rstrip() == NAMELESS
            elif inside and line[0].isdigit():
                total += int(line.split(maxsplit=2)[1])
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
