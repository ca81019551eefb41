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
        share = digits_error(actual, self._product(step), step.row0, normwise)
        return digest(actual) if share <= 1 else Fault(FailureCode.INACCURATE, fewer_digits(share))

    def _product(self, step: Step) -> np.ndarray:
        """Return the product of a step's rows. That of all rows is kept, since it takes seconds at large n."""
        n = self.inputs.n
        a, b = (np.memmap(path, "<f8", "r", shape=(n, n)) for path in (self.inputs.full_a, self.inputs.full_b))
        if step.rows < n:
            product: np.ndarray = np.concatenate(rows_of(a, step)) @ b
            return product
        if self._whole is None:
            self._whole = a @ b
        return np.concatenate(rows_of(self._whole, step))


def rows_of(matrix: np.ndarray, step: Step) -> list[np.ndarray]:
    """Return the step's rows of a matrix: from row0 to the end, then from the first row, in one part or two."""
    end = step.row0 + step.rows
    parts = [matrix[step.row0 : end]]
    return parts if end <= len(matrix) else [*parts, matrix[: end - len(matrix)]]
