"""The word for each failure."""

from __future__ import annotations

import pytest

from harness.attempt.verdict import Verdict, verdict_of
from harness.model.job import Failed, FailureCode, Stage

CHECKS = {
    FailureCode.WRONG_VALUES: Verdict.WRONG,
    FailureCode.NO_OUTPUT: Verdict.WRONG,
    FailureCode.INACCURATE: Verdict.WRONG,
    FailureCode.TIME_LIMIT: Verdict.TIMED_OUT,
    FailureCode.KILLED: Verdict.CRASHED,
    FailureCode.EXIT_STATUS: Verdict.CRASHED,
    FailureCode.CLOCK_BEYOND_LAUNCH: Verdict.IMPLAUSIBLE,
    FailureCode.NOT_RUN: Verdict.NOT_RUN,
}


@pytest.mark.parametrize(("code", "expected"), CHECKS.items())
def test_failed_check_has_its_word(code, expected):
    assert verdict_of(Failed(Stage.CHECK, "", code=code)) == expected


@pytest.mark.parametrize("code", [FailureCode.BUILD_FAILED, FailureCode.NO_ARTEFACT, FailureCode.NO_SOURCE])
def test_failed_build_is_not_built(code):
    assert verdict_of(Failed(Stage.BUILD, "", code=code)) == Verdict.NOT_BUILT


def test_failed_check_of_a_report_is_a_lie():
    assert verdict_of(Failed(Stage.PLAUSIBILITY, "", code=FailureCode.UNRECORDED)) == Verdict.IMPLAUSIBLE
