"""Test how answers are compared, and how a file that a launch does not write is found."""

from __future__ import annotations

import os

import pytest

from harness.ab.commands import Command
from harness.ab.runner import Answers, marked_unwritten
from harness.model.errors import HarnessError, UsageError

A, B = Command("A", "x", ("x",)), Command("B", "y", ("y",), output="f")


def test_equal_answers_are_accepted():
    answers = Answers()
    for command in (A, B, A):
        answers.check(command, "same")


def test_an_answer_unlike_that_of_the_first_command_is_refused():
    answers = Answers()
    answers.check(A, "one")

    with pytest.raises(HarnessError, match=r"B \(y\) differs from A in the file f, so that their times are no"):
        answers.check(B, "other")


def test_an_answer_unlike_the_one_before_is_refused():
    answers = Answers()
    answers.check(A, "one")

    with pytest.raises(HarnessError, match=r"A \(x\) differs from launch to launch in the output, so nothing shows"):
        answers.check(A, "other")


def test_a_file_that_was_not_written_is_told_and_keeps_its_time(tmp_path):
    path = tmp_path / "f"
    path.write_text("before")
    os.utime(path, (1e9, 1e9))

    with marked_unwritten(path) as written:
        assert not written()

    assert path.stat().st_mtime == 1e9


@pytest.mark.parametrize("before", [True, False])
def test_a_file_that_was_written_is_told(tmp_path, before):
    path = tmp_path / "f"
    if before:
        path.write_text("same")

    with marked_unwritten(path) as written:
        path.write_text("same")
        assert written()

    assert path.stat().st_mtime > 1e9


def test_a_folder_is_no_output(tmp_path):
    with pytest.raises(UsageError, match="--output: expected a file"), marked_unwritten(tmp_path):
        pass
