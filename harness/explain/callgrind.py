"""Count the instructions of a program one by one, by valgrind's tool callgrind, where it cannot be sampled."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.model.job import Absent

TIME_LIMIT_S = 120
"""Time limit of the program under valgrind, in seconds: at n = 128, naive loops take about one."""


def count(argv: Sequence[str], environment: Mapping[str, str], folder: Path) -> Counter[int] | Absent:
    """Run a program, and return how often each instruction of its own file was executed, by its address there."""
    if not shutil.which("valgrind"):
        return Absent("valgrind is not installed", "apt-get install valgrind")
    output = folder / "callgrind.out"
    words = ["valgrind", "--tool=callgrind", "--dump-instr=yes", "--compress-strings=no", "--compress-pos=no"]
    try:
        done = subprocess.run(
            [*words, f"--callgrind-out-file={output}", *argv],
            env=dict(environment),
            cwd=folder,
            capture_output=True,
            timeout=TIME_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Absent("it takes too long under valgrind")
    if done.returncode:  # an instruction that valgrind lacks, as all of AVX-512, ends the program
        return Absent("valgrind cannot run it: it may lack instructions of this CPU")
    return counts_of(output.read_text(encoding="utf-8", errors="replace"), argv[0])


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
