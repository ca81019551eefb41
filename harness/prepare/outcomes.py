"""Tell what became of each kernel that was built or checked. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from harness.model.job import FailureCode, Stage
from harness.model.kernel import Kernel
from harness.prepare.remedies import remedies_for
from harness.prepare.stages import Prepared


class State(StrEnum):
    """What became of a kernel. BUILT: it was not checked, because that was not asked for."""

    PASSED = "passed"
    BUILT = "built"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """What became of a kernel.

    `reason` says why it was skipped or failed; `stage`, `code` and `remedies` are those of a failure. `launches` and
    `error_share` belong to a kernel that passed: the number of launches of the checks, and its largest error relative
    to the error bound of sequential summation.
    """

    kernel: str
    state: State
    reason: str = ""
    stage: Stage | None = None
    code: FailureCode | None = None
    remedies: tuple[str, ...] = ()
    artefact_bytes: int | None = None
    launches: int | None = None
    error_share: float | None = None

    def lines(self) -> list[str]:
        """Return the outcome as lines for the terminal."""
        if self.state == State.FAILED:
            return [f"{self.kernel}  FAILED at {self.stage}: {self.reason}", *(f"    {line}" for line in self.remedies)]
        if self.state == State.SKIPPED:
            return [f"{self.kernel}  skipped: {self.reason}"]
        if self.state == State.BUILT:
            return [f"{self.kernel}  built: {self.artefact_bytes} bytes"]
        error = f"largest error {self.error_share:.3f} of the error bound of sequential summation"
        return [f"{self.kernel}  passed {self.launches} launches; {error}"]


def outcomes(kernels: Iterable[Kernel], prepared: Prepared) -> list[Outcome]:
    """Return what became of each kernel."""
    return [_outcome(kernel, prepared) for kernel in kernels]


def _outcome(kernel: Kernel, prepared: Prepared) -> Outcome:
    if failed := prepared.failures.get(kernel.id):
        remedies = tuple(remedies_for(kernel, failed))
        return Outcome(kernel.id, State.FAILED, failed.reason, failed.stage, failed.code, remedies)
    if kernel.id in prepared.skips:
        return Outcome(kernel.id, State.SKIPPED, prepared.skips[kernel.id])
    size_bytes = prepared.built[kernel.id].artefact_bytes
    passed = prepared.passed.get(kernel.id)
    if passed is None:
        return Outcome(kernel.id, State.BUILT, artefact_bytes=size_bytes)
    return Outcome(
        kernel.id,
        State.PASSED,
        artefact_bytes=size_bytes,
        launches=passed.launches,
        error_share=passed.error_share,
    )
