"""Tell the user what to do about a kernel that failed. Pure."""

from __future__ import annotations

import os
from pathlib import Path

from harness.model.job import Failed, FailureCode, Stage
from harness.model.kernel import Kernel
from harness.util.paths import page

MAX_LOG_LINES = 5
"""Lines of a compiler's or kernel's output that are shown: the first ones name the mistake, and all fit one screen."""

_BUILD_BY_HAND = "run the build command of kernel.yaml by hand in the kernel's folder"
_START_BY_HAND = "start it by hand, as below"

REMEDIES = {
    FailureCode.NO_SOURCE: "put the kernel's source there, or correct `source` in kernel.yaml",
    FailureCode.BUILD_FAILED: _BUILD_BY_HAND,
    FailureCode.NO_ARTEFACT: _BUILD_BY_HAND,
    FailureCode.WRONG_LINE_COUNT: "print one line for each call, and nothing else, to standard output",
    FailureCode.INVALID_TIME: "print each time in whole nanoseconds, above 0, without a unit",
    FailureCode.TIME_LIMIT: "look for a loop that does not end, or raise limits.timeout_s",
    FailureCode.TOO_MANY_PROCESSES: "start fewer processes and threads, or raise limits.processes",
    FailureCode.NO_OUTPUT: "write C to the third argument before ending",
    FailureCode.WRONG_OUTPUT_SIZE: "write rows * n doubles of 8 bytes, and nothing else",
    FailureCode.WRONG_PRODUCT_OF_ONE: "begin with n = 1: are A and B read as little-endian doubles?",
    FailureCode.WRONG_VALUES: "is C row-major, and is it computed from the beginning in every call?",
    FailureCode.INACCURATE: "sum in float64: something here has fewer digits",
    FailureCode.CLOCK_BEYOND_LAUNCH: "use a monotonic clock, and subtract the start from the end in nanoseconds",
    FailureCode.PROGRAM_NOT_FOUND: "is the program of `run` in the packages that kernel.yaml names?",
    FailureCode.EXIT_STATUS: _START_BY_HAND,
    FailureCode.KILLED: _START_BY_HAND,
    FailureCode.FLUSHED_SUBNORMALS: "set no mode that flushes subnormal values; -ffast-math sets one at the start",
    FailureCode.CHANGED_INPUTS: "open A and B for reading only",
    FailureCode.LEFT_FILES: "write no file but C; what is temporary belongs in /tmp",
}
"""The remedy for each code."""

NEEDS_FOLDER = frozenset(
    {
        FailureCode.NO_SOURCE,
        FailureCode.BUILD_FAILED,
        FailureCode.NO_ARTEFACT,
        FailureCode.PROGRAM_NOT_FOUND,
        FailureCode.EXIT_STATUS,
        FailureCode.KILLED,
    }
)
"""The codes whose remedy is in the folder of a language, which a tried file has not."""

_RULES = "it is found after measuring; docs/rules.md says what a kernel may do within and outside its clock"

WITHOUT_REMEDY = {
    FailureCode.NOT_RUN: "the kernel is not at fault, and the reason names the remedy for the machine",
    FailureCode.UNREADABLE_OUTPUT: "the kernel is not at fault: the operating system could not read its output",
    FailureCode.CANNOT_RUN_HERE: "the kernel is skipped, and says itself what the machine lacks",
    FailureCode.CLOCK: _RULES,
    FailureCode.THREADS: _RULES,
    FailureCode.SKIPPED_REPETITIONS: _RULES,
    FailureCode.UNTIMED_WORK: _RULES,
    FailureCode.MEMOISED_RESULT: _RULES,
    FailureCode.DATA_DEPENDENT: _RULES,
    FailureCode.ABOVE_PEAK: _RULES,
    FailureCode.DEVICE_CLOCK: _RULES,
    FailureCode.UNRECORDED: "an earlier version stored the failure without a code",
}
"""Why a code has no remedy."""


def remedies_for(kernel: Kernel, failed: Failed) -> list[str]:
    """Return lines for the user: the kernel's own output, the remedy, and how to start the kernel by hand."""
    lines = own_output(failed)
    if remedy := REMEDIES.get(failed.code):
        lines.append(f"to do: {remedy}")
    if failed.stage == Stage.BUILD and not _is_utf8(kernel.folder):
        lines.append("to do: move the project to a folder whose path is UTF-8, since rustc and javac read no other")
    building = failed.stage == Stage.BUILD and kernel.build
    command = kernel.build[0] if building else f"{kernel.run} A B C n rows threads reps"
    return [*lines, f"by hand, in {kernel.folder}: {command}", f"the contract: {page('adding-a-language.md')}"]


def own_output(failed: Failed, max_lines: int = MAX_LOG_LINES) -> list[str]:
    """Return the first lines that the compiler or the kernel wrote."""
    output = [line.rstrip() for line in failed.log.splitlines() if line.strip()][:max_lines]
    return [f"output: {line}" for line in output]


def _is_utf8(path: Path) -> bool:
    try:
        os.fsencode(path).decode()
    except UnicodeDecodeError:
        return False
    return True
