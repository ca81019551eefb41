"""What to do about a kernel that does not pass: the lines under its reason. Pure."""

from __future__ import annotations

import re

from harness.model.job import Failed, Stage
from harness.model.kernel import Kernel

SHOWN = 5
"""Lines of what a compiler or a kernel said: enough to see what is wrong, and little enough for one screen."""

REMEDIES = (
    (r"^build$", "", "run the build command of kernel.yaml by hand in the kernel's folder"),
    (r"", r"printed \d+ lines", "print one line for each repetition, and nothing else, to standard output"),
    (r"", r"printed .* where a time", "print each time in whole nanoseconds, above 0, without a unit"),
    (r"", r"was stopped when its time limit", "look for a loop that does not end, or raise limits.timeout_s"),
    (r"", r"wrote no output", "write C to the third argument before ending"),
    (r"", r"wrote \d+ bytes where", "write rows * n doubles of 8 bytes, and nothing else"),
    (r"", r"values are wrong.*n = 1,", "begin with n = 1: are A and B read as little-endian doubles?"),
    (r"", r"values are wrong.*rows = (?!\d+, n)", "is C row-major, and is it begun anew in every repetition?"),
    (r"", r"times the bound", "sum in float64: something here has fewer digits"),
    (r"", r"in a launch that took", "use a monotonic clock, and subtract the start from the end in nanoseconds"),
    (r"", r"exited with status 127|not found", "is the program of `run` in the packages that kernel.yaml names?"),
    (r"", r"exited with status|was killed by", "start it by hand, as below"),
)
"""(stage, reason, what to do), by regular expressions; the first that fits."""


def remedies_for(kernel: Kernel, failed: Failed) -> list[str]:
    """Lines: what it said, what to do, and how to start it by hand."""
    said = [line.rstrip() for line in failed.log.splitlines() if line.strip()][:SHOWN]
    remedy = next(
        (
            what
            for stage, reason, what in REMEDIES
            if re.search(stage, failed.stage) and re.search(reason, failed.reason)
        ),
        "",
    )
    lines = [f"it said: {line}" for line in said]
    lines += [f"to do: {remedy}"] if remedy else []
    built = failed.stage == Stage.BUILD and kernel.build
    command = kernel.build[0] if built else f"{kernel.run} A B C n rows threads reps"
    return [*lines, f"by hand, in {kernel.folder}: {command}", "the contract: docs/adding-a-language.md"]
