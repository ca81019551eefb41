"""Every failure has a code where it is made, and every code a remedy or a reason for having none."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from harness.execute.kernel_output import parse_output
from harness.model.job import Failed, FailureCode, Fault, JobResult, Stage
from harness.prepare.remedies import REMEDIES, WITHOUT_REMEDY, remedies_for
from harness.prepare.verify import compare, digest
from harness.util.paths import ROOT
from tests import factories


def ended(exit_status: int = 0, signal: int = 0, timed_out: bool = False, crowded: bool = False) -> FailureCode:
    """The code of a process that ended so."""
    return JobResult(exit_status, signal, timed_out, 1, 1, 0, 1, 0, 0, 0, 0, crowded).code


def fault(tmp_path: Path, output: np.ndarray | bytes | None, n: int = 3) -> FailureCode:
    """The code of a wrong output where n x n ones are right."""
    path = tmp_path / "c"
    if output is not None:
        path.write_bytes(output if isinstance(output, bytes) else output.astype("<f8").tobytes())
    expected = np.ones((n, n))
    found = compare(path, expected, digest(expected))
    assert isinstance(found, Fault)
    return found.code


def reported(stdout: bytes) -> FailureCode:
    """The code of times that are not one of the two that were asked for."""
    found = parse_output(stdout, 2)
    assert isinstance(found, Fault)
    return found.code


CASES = {
    "a program that is not there": (lambda _: ended(exit_status=127), "is the program of `run` in the packages"),
    "an exit status": (lambda _: ended(exit_status=1), "start it by hand"),
    "a signal": (lambda _: ended(signal=11), "start it by hand"),
    "a time limit": (lambda _: ended(timed_out=True, signal=9), "look for a loop that does not end"),
    "too many processes": (lambda _: ended(crowded=True, signal=9), "start fewer processes and threads"),
    "too few lines": (lambda _: reported(b"1\n"), "print one line for each call"),
    "a time with a unit": (lambda _: reported(b"1 s\n2 s\n"), "print each time in whole nanoseconds"),
    "a time of 0": (lambda _: reported(b"0\n1\n"), "print each time in whole nanoseconds"),
    "no output": (lambda tmp_path: fault(tmp_path, None), "write C to the third argument"),
    "a short output": (lambda tmp_path: fault(tmp_path, b"12345678"), "write rows * n doubles"),
    "a wrong product": (lambda tmp_path: fault(tmp_path, np.zeros((3, 3))), "is C row-major"),
    "a wrong product at n = 1": (lambda tmp_path: fault(tmp_path, np.zeros((1, 1)), n=1), "begin with n = 1"),
    "a failed build": (lambda _: FailureCode.BUILD_FAILED, "run the build command of kernel.yaml by hand"),
    "a build without a result": (lambda _: FailureCode.NO_ARTEFACT, "run the build command of kernel.yaml by hand"),
    "a sum in float32": (lambda _: FailureCode.INACCURATE, "sum in float64"),
    "a clock beyond the launch": (lambda _: FailureCode.CLOCK_BEYOND_LAUNCH, "use a monotonic clock"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_failure_has_its_remedy(tmp_path, name):
    code_of, remedy = CASES[name]

    lines = remedies_for(factories.kernel_record("x/naive"), Failed(Stage.CHECK, "a reason", "", code_of(tmp_path)))

    assert lines[0].startswith(f"to do: {remedy}")


def test_a_failure_without_a_remedy_still_says_how_to_start_the_kernel():
    lines = remedies_for(factories.kernel_record("x/naive"), Failed(Stage.CHECK, "a reason", code=FailureCode.NOT_RUN))

    assert lines == ["by hand, in x: {out} A B C n rows threads reps", "the contract: docs/adding-a-language.md"]


def test_a_build_in_a_path_that_is_not_utf_8_has_a_remedy_of_its_own():
    kernel = factories.kernel("x/naive", folder=Path("caf\udce9"))

    lines = remedies_for(kernel, Failed(Stage.BUILD, "a reason", code=FailureCode.BUILD_FAILED))

    assert lines[1].startswith("to do: move the project to a folder whose path is UTF-8")


@pytest.mark.parametrize("code", FailureCode)
def test_a_code_has_a_remedy_or_a_reason_for_none(code):
    assert (code in REMEDIES) != (code in WITHOUT_REMEDY)


def calls(name: str) -> list[tuple[str, ast.Call]]:
    """The calls of a class in the harness, with their places."""
    found = []
    for path in (ROOT / "harness").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                found.append((f"{path.name}:{node.lineno}", node))
    return found


def test_every_failure_has_a_code_where_it_is_made():
    without = [
        place
        for place, call in calls("Failed")
        if len(call.args) < 4 and "code" not in [keyword.arg for keyword in call.keywords]
    ]

    assert calls("Failed") and without == []


def test_every_check_of_plausibility_is_a_code():
    names = [call.args[0] for _, call in calls("FailedCheck")]

    assert names and {name.value for name in names if isinstance(name, ast.Constant)} <= set(FailureCode)
