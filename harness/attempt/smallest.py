"""Show the smallest case in which a kernel is wrong: its inputs, what is right, and what the kernel computed."""

from __future__ import annotations

import numpy as np

from harness.execute.executor import RunError
from harness.execute.invocation import Outcome, launch_all
from harness.model.errors import HarnessError
from harness.model.job import FailureCode, Fault, Folders
from harness.model.kernel import Kernel
from harness.prepare.build import home_of
from harness.prepare.check import TIMEOUT_S, CheckInputs, Workspace, judge, launches_of
from harness.prepare.inputs import dyadic
from harness.prepare.verify import read_output
from harness.util.scratch import fresh

MAX_SHOWN_N = 3
"""Largest n whose matrices are shown: they fit a line each, and can be computed by hand."""

WRONG_VALUES = (FailureCode.WRONG_VALUES, FailureCode.WRONG_PRODUCT_OF_ONE)
"""The failures of which a case is shown."""


def smallest_case(kernel: Kernel, inputs: CheckInputs, workspace: Workspace, seed: int) -> list[str]:
    """Launch a kernel on the small inputs again, and return the matrices of the first case that is wrong, a line each.

    None if the kernel is right for those that can be shown, or fails in another way.
    """
    sizes = tuple(n for n in inputs.expected if n <= MAX_SHOWN_N)
    launches = [
        launch for launch in launches_of(sizes, kernel.threads_of(workspace.threads)) if launch.problem.n in sizes
    ]
    folders = Folders(
        kernel.folder,
        home_of(kernel, workspace.executor, workspace.build_dir) / "artefact",
        inputs.folder,
        fresh(workspace.scratch, "smallest-case"),
        kernel.uses,
    )
    timeout_s = min(TIMEOUT_S, workspace.limit_s)
    try:
        outcomes = launch_all(kernel, workspace.executor, folders, launches, timeout_s, workspace.cpus)
    except (RunError, HarnessError):
        return []
    for outcome in outcomes:
        verdict = judge(outcome, inputs)
        if isinstance(verdict, Fault):
            return _matrices(outcome, inputs, seed) if verdict.code in WRONG_VALUES else []
    return []


def _matrices(outcome: Outcome, inputs: CheckInputs, seed: int) -> list[str]:
    problem = outcome.launch.problem
    computed = read_output(outcome.output, problem)
    if isinstance(computed, Fault):
        return []
    a, b = dyadic(problem.n, seed)
    return matrix_lines(a[: problem.rows], b, inputs.expected[problem.n][: problem.rows], computed)


def matrix_lines(a: np.ndarray, b: np.ndarray, right: np.ndarray, computed: np.ndarray) -> list[str]:
    """Return the inputs, the right product and the computed one, as nested lists with names in front."""
    matrices = {"A": a, "B": b, "right is C": right, "computed was C": computed}
    width = max(map(len, matrices))
    return [f"{name:>{width}} = {_rows(matrix)}" for name, matrix in matrices.items()]


def _rows(matrix: np.ndarray) -> str:
    """Return a matrix as a list of rows; seven digits tell wrong values from right ones."""
    return f"[{', '.join('[' + ', '.join(f'{value:.7g}' for value in row) + ']' for row in matrix.tolist())}]"
