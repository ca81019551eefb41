"""Move what stands on most rows to the run: a warning on every row tells nothing about any of them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from harness.model.result import Finding, Row

MAX_SHARE = 0.5
"""Fraction of the measured rows above which a finding is the run's, and no longer each row's."""

MIN_ROWS = 4
"""Smallest number of rows with a finding that is moved: three rows are soon read."""


def share_findings(rows: Sequence[Row]) -> tuple[list[Row], list[Finding]]:
    """Return the rows without the findings that most of them have, and one finding of the run for each of these.

    Its observation is that of the row in the middle of those that have it, in the order of the rows.
    """
    measured = [row for row in rows if row.time is not None]
    counts = Counter(code for row in measured for code in {finding.code for finding in row.findings})
    shared = [code for code, count in counts.items() if count >= max(MIN_ROWS, MAX_SHARE * len(measured))]
    return [_without(row, shared) for row in rows], [_of_run(measured, code) for code in shared]


def _without(row: Row, codes: Sequence[str]) -> Row:
    return replace(row, findings=tuple(finding for finding in row.findings if finding.code not in codes))


def _of_run(rows: Sequence[Row], code: str) -> Finding:
    found = [finding for row in rows for finding in row.findings if finding.code == code]
    example = found[len(found) // 2]
    kernels = len({finding.kernel for finding in found})
    observation = f"{kernels} of {len(rows)} kernels; for example {example.kernel}: {example.observation}"
    return Finding(code, "", observation, example.remedy)
