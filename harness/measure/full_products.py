"""Verify products of values of 53 bits, which no exact reference is stored for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.execute.invocation import Outcome
from harness.model.job import FailureCode, Fault
from harness.model.sample import Problem, Step
from harness.prepare.check import fewer_digits
from harness.prepare.hard_inputs import digits_error
from harness.prepare.inputs import Inputs
from harness.prepare.verify import digest, read_output

BLOCK_ROWS = 256
"""Rows that are compared at a time."""


@dataclass
class FullProducts:
    """NumPy's products of the inputs with values of 53 bits; they stay in memory, where no contained kernel looks."""

    inputs: Inputs

    def __post_init__(self) -> None:
        self._whole: np.ndarray | None = None

    def verify(self, step: Step, outcome: Outcome, normwise: bool) -> str | Fault:
        """Return the digest of an output whose error is that of float64, else the fault.

        `normwise` is that of digits_error.
        """
        problem = Problem(self.inputs.n, step.rows)
        actual = read_output(outcome.output, problem)
        if isinstance(actual, Fault):
            return actual
        share = self._error(step, actual, normwise)
        return digest(actual) if share <= 1 else Fault(FailureCode.INACCURATE, fewer_digits(share))

    def _error(self, step: Step, actual: np.ndarray, normwise: bool) -> float:
        """Return the digits_error of a step's rows, block by block: the matrices of a run may fill the memory."""
        n = self.inputs.n
        a, b = (np.memmap(path, "<f8", "r", shape=(n, n)) for path in (self.inputs.full_a, self.inputs.full_b))
        if step.rows == n and self._whole is None:
            self._whole = a @ b  # kept, since it takes seconds at large n
        worst = 0.0
        for start in range(0, step.rows, BLOCK_ROWS):
            block = actual[start : start + BLOCK_ROWS]
            rows = (step.row0 + start + np.arange(len(block))) % n
            product = a[rows] @ b if step.rows < n or self._whole is None else self._whole[rows]
            worst = max(worst, digits_error(block, product, step.row0 + start, normwise))
        return worst
