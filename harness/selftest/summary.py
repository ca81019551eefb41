"""What the experiments' cases add up to: tables, and a few sentences on how far to trust this machine. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from harness.selftest.experiments import Case
from harness.util.format import percent

FOUND = 0.9
"""The share of trials in which a difference must be found to be called detectable."""


@dataclass(frozen=True)
class Table:
    """An experiment's outcome; `rows` are as long as `head`."""

    name: str
    title: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]]


def tables(cases: Iterable[Case]) -> list[Table]:
    """One table for each experiment that has cases."""
    by_name: dict[str, list[Case]] = {}
    for case in cases:
        by_name.setdefault(case.experiment, []).append(case)
    made = {
        "alarms": _alarms,
        "detection": _detection,
        "hyperfine": _detection,
        "noise": _noise,
        "estimates": _estimates,
    }
    return [make(by_name[name]) for name, make in made.items() if name in by_name]


def sentences(cases: Sequence[Case]) -> list[str]:
    """What a user should know before believing a small difference on this machine."""
    found = []
    if runs := [case for case in cases if case.experiment == "alarms"]:
        found.append(f"Equal runs: {_of(_found(runs), len(runs))} of the rows were called different.")
    for kind in dict.fromkeys(case.kernel for case in cases if case.experiment == "detection"):
        trials = [case for case in cases if case.experiment == "detection" and case.kernel == kind]
        least = smallest(trials)
        said = (
            f"{least / 10:g}% more work is the least that was found" if least else "no share that was tried was found"
        )
        found.append(f"A {kind} kernel: {said} in {FOUND:.0%} of the trials or more.")
    if trials := [case for case in cases if case.experiment == "noise"]:
        silent = sum(case.found and not case.said for case in trials)
        found.append(
            f"With a processor half busy: {_of(_found(trials), len(trials))} false alarms, {silent} with no finding."
        )
    if trials := [case for case in cases if case.experiment == "estimates"]:
        covered = sum(case.covered for case in trials)
        error = median(abs(case.error) for case in trials)
        apart = median(case.apart for case in trials)
        found.append(
            f"Estimates: off by {percent(error, 2)} (median), where two whole products were {percent(apart, 2)} apart; "
            f"their intervals held {_of(covered, len(trials))}."
        )
    return found


def smallest(trials: Sequence[Case]) -> int:
    """The least share (per mille) from which on every one was found often enough; 0 if none was."""
    least = 0
    for share in sorted({case.per_mille for case in trials if case.per_mille}, reverse=True):
        tried = [case for case in trials if case.per_mille == share]
        if _found(tried) < FOUND * len(tried):
            break
        least = share
    return least


def _alarms(cases: list[Case]) -> Table:
    rows: list[tuple[str, ...]] = []
    for language in dict.fromkeys(case.kernel.split("/")[0] for case in cases):
        rows.append((language, *_alarm_cells([case for case in cases if case.kernel.startswith(f"{language}/")])))
    rows.append(("all", *_alarm_cells(cases)))
    title = "A run compared with the one before it"
    return Table("alarms", title, ("language", "rows", "called different", "95% interval", "median change"), rows)


def _alarm_cells(cases: list[Case]) -> tuple[str, ...]:
    change = percent(median(abs(case.error) for case in cases), 2)
    return (str(len(cases)), _of(_found(cases), len(cases)), _wilson(_found(cases), len(cases)), change)


def _detection(cases: list[Case]) -> Table:
    rows: list[tuple[str, ...]] = []
    for kind in dict.fromkeys(case.kernel for case in cases):
        for share in sorted({case.per_mille for case in cases}):
            tried = [case for case in cases if (case.kernel, case.per_mille) == (kind, share)]
            if tried:
                name = f"{share / 10:g}%" if share else "none (false alarms)"
                rows.append(
                    (kind, name, str(len(tried)), _of(_found(tried), len(tried)), _wilson(_found(tried), len(tried)))
                )
    name = cases[0].experiment
    title = "Extra work that was found" + (", by hyperfine in the same time" if name == "hyperfine" else "")
    return Table(name, title, ("kernel", "extra work", "trials", "called different", "95% interval"), rows)


def _noise(cases: list[Case]) -> Table:
    rows: list[tuple[str, ...]] = []
    for kind in dict.fromkeys(case.kernel for case in cases):
        tried = [case for case in cases if case.kernel == kind]
        silent = sum(case.found and not case.said for case in tried)
        said = sum(case.said for case in tried)
        rows.append((kind, str(len(tried)), _of(_found(tried), len(tried)), str(silent), _of(said, len(tried))))
    head = ("kernel", "trials", "called different", "of these without a finding", "with a finding")
    return Table("noise", "Equal kernels while one processor is half busy", head, rows)


def _estimates(cases: list[Case]) -> Table:
    rows: list[tuple[str, ...]] = []
    for name in [*dict.fromkeys(case.kernel for case in cases), "all"]:
        tried = [case for case in cases if name in (case.kernel, "all")]
        errors = [case.error for case in tried]
        covered = sum(case.covered for case in tried)
        rows.append(
            (
                name,
                str(len(tried)),
                f"{median(errors):+.1%}",
                percent(median(map(abs, errors)), 2),
                percent(median(case.apart for case in tried), 2),
                _of(covered, len(tried)),
            )
        )
    head = (
        "kernel",
        "cases",
        "median error",
        "median size of error",
        "whole products apart",
        "whole within the interval",
    )
    return Table("estimates", "Estimates from rows beside whole products", head, rows)


def _found(cases: Iterable[Case]) -> int:
    return sum(case.found for case in cases)


def _of(count: int, total: int) -> str:
    return f"{count} of {total} ({count / total:.1%})"


def _wilson(count: int, total: int) -> str:
    """Wilson's interval (1927) of a share at 95%: right for small counts, where the usual one is not."""
    z, share = 1.96, count / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return f"{max(0.0, centre - half):.1%} – {min(1.0, centre + half):.1%}"
