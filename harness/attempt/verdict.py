"""Say in a word what became of a tried file. Pure."""

from __future__ import annotations

from enum import StrEnum

from harness.model.job import Failed, FailureCode, Stage


class Verdict(StrEnum):
    """What became of a tried file.

    REFUSED: it is no source, and nothing was built. NOT_RUN: what it takes to build or start it is not there, which is
    no fault of the file. IMPLAUSIBLE: its results are right, and what it reports of its work cannot be true.
    """

    RIGHT = "right"
    WRONG = "wrong"
    IMPLAUSIBLE = "implausible"
    TIMED_OUT = "timed out"
    CRASHED = "crashed"
    NOT_BUILT = "not built"
    REFUSED = "refused"
    NOT_RUN = "not run"


CRASHES = frozenset(
    {
        FailureCode.PROGRAM_NOT_FOUND,
        FailureCode.EXIT_STATUS,
        FailureCode.KILLED,
        FailureCode.TOO_MANY_PROCESSES,
    }
)
"""The codes of a launch that ended early, and not for its time limit."""

LIES = frozenset(
    {
        FailureCode.CLOCK_BEYOND_LAUNCH,
        FailureCode.CLOCK,
        FailureCode.THREADS,
        FailureCode.SKIPPED_REPETITIONS,
        FailureCode.UNTIMED_WORK,
        FailureCode.MEMOISED_RESULT,
        FailureCode.ABOVE_PEAK,
    }
)
"""The codes of reports that contradict the launches."""


def verdict_of(failed: Failed) -> Verdict:
    """Return the verdict on a kernel that failed."""
    if failed.code == FailureCode.NOT_RUN:
        return Verdict.NOT_RUN
    if failed.stage == Stage.BUILD:
        return Verdict.NOT_BUILT
    if failed.code == FailureCode.TIME_LIMIT:
        return Verdict.TIMED_OUT
    if failed.code in CRASHES:
        return Verdict.CRASHED
    # what is no lie by its code, and was found by the checks of reports, is one of a check that came later
    return Verdict.IMPLAUSIBLE if failed.code in LIES or failed.stage == Stage.PLAUSIBILITY else Verdict.WRONG
