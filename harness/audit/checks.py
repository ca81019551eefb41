"""Define the checks of a run, and what `verify` prints of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Outcome(StrEnum):
    """The outcome of a check. UNCHECKED: what the check needs is not there, which is no fault of the run."""

    HOLDS = "holds"
    FAILS = "does not hold"
    UNCHECKED = "not checked"


@dataclass(frozen=True)
class Check:
    """One check of a run: what was checked, its outcome, and a sentence on it."""

    subject: str
    outcome: Outcome
    sentence: str


@dataclass(frozen=True)
class Audit:
    """All checks of a run, as `verify --json` prints them. `holds` is true if no check fails."""

    folder: Path
    run: str
    holds: bool
    checks: tuple[Check, ...]

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that fail."""
        return tuple(check for check in self.checks if check.outcome == Outcome.FAILS)


def audit_of(folder: Path, run: str, checks: tuple[Check, ...]) -> Audit:
    """Return the audit that these checks make."""
    return Audit(folder, run, all(check.outcome != Outcome.FAILS for check in checks), checks)


def holds(subject: str, sentence: str) -> Check:
    """Return a check that holds."""
    return Check(subject, Outcome.HOLDS, sentence)


def fails(subject: str, sentence: str) -> Check:
    """Return a check that fails."""
    return Check(subject, Outcome.FAILS, sentence)


def unchecked(subject: str, sentence: str) -> Check:
    """Return a check that could not be made."""
    return Check(subject, Outcome.UNCHECKED, sentence)


def lines(audit: Audit) -> list[str]:
    """Return the checks as lines for the terminal, one sentence each, and the verdict as the last line."""
    width = max((len(check.outcome) for check in audit.checks), default=0)
    text = [f"{check.outcome:<{width}}  {check.subject}: {check.sentence}" for check in audit.checks]
    failures = len(audit.failures)
    verdict = f"{failures} of {len(audit.checks)} checks do not hold" if failures else "all that was checked holds"
    return [*text, f"{audit.run}: {verdict}"]
