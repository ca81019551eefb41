"""Test what the row of a kernel without a time says."""

from __future__ import annotations

from harness.analysis.rows import rows_of
from harness.model.result import Status
from tests import factories


def test_kernel_that_was_not_launched_says_that_the_run_ended():
    [row] = rows_of([factories.kernel()], {}, {}, factories.config())

    assert (row.status, row.reason) == (Status.UNMEASURED, "the run ended before it was measured")


def test_kernel_whose_launches_give_no_estimate_says_so():
    samples = {"x/naive": factories.launch([1e9])}

    [row] = rows_of([factories.kernel()], samples, {}, factories.config())

    assert row.status == Status.UNMEASURED and "too few or too uneven" in row.reason
