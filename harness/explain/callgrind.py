"""Count the instructions of a program one by one, by valgrind's tool callgrind, where it cannot be sampled. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path


def command(argv: Sequence[str], output: Path) -> list[str]:
    """Return the command that runs a program under callgrind, which writes its counts to a file."""
    options = ["--dump-instr=yes", "--compress-strings=no", "--compress-pos=no", f"--callgrind-out-file={output}"]
    return ["valgrind", "--tool=callgrind", *options, *argv]


def counts_of(profile: str, program: str) -> Counter[int]:
    """Return the counts in callgrind's output that are of one object file, by address.

    The lines of costs are 'address line count', in the order that `positions:` says. A line of costs after `calls=`
    is the cost of the called function, which is counted there.
    """
    counts: Counter[int] = Counter()
    inside, called = False, False
    for line in profile.splitlines():
        if line.startswith("ob="):
            inside = line[3:].endswith(program)
        elif line.startswith("calls="):
            called = True
        elif line.startswith("0x"):
            address, _, number = line.split()[:3]
            if inside and not called:
                counts[int(address, 16)] += int(number)
            called = False
    return counts
