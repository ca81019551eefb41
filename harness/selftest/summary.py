"""Summarise the cases of the experiments in tables, and in sentences on how far to trust this machine. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from harness.selftest.case import Case
from harness.selftest.lies_summary import lies_sentence, lies_table
from harness.selftest.table import Table
from harness.util.format import percent

MIN_DETECTION_RATE = 0.9
"""Smallest fraction of trials that must detect a difference for it to be called detectable (a test's usual power)."""


def tables(cases: Iterable[Case]) -> list[Table]:
    """Return a table for each experiment that has cases."""
    by_name: dict[str, list[Case]] = {}
    for case in cases:
        by_name.setdefault(case.experiment, []).append(case)
    summaries = {
        "machines": _machines,
        "alarms": _alarms,
        "detection": _detection,
        "hyperfine": _detection,
        "noise": _noise,
        "estimates": _estimates,
        "headlines": _headlines,
        "accusations": _accusations,
        "counts": _counts,
    }
    summaries |= {name: lies_table for name in by_name if name.startswith("lies-")}
    return [summarise(by_name[name]) for name, summarise in summaries.items() if name in by_name]


def sentences(cases: Sequence[Case]) -> list[str]:
    """Return sentences on how far to trust a small difference on this machine."""
    lines = []
    if runs := [case for case in cases if case.experiment == "alarms"]:
        lines.append(f"Equal runs: {_of(_different(runs), len(runs))} of the rows were called different.")
    for kind in dict.fromkeys(case.kernel for case in cases if case.experiment == "detection"):
        trials = [case for case in cases if case.experiment == "detection" and case.kernel == kind]
        amount = smallest(trials)
        outcome = (
            f"{amount / 10:g}% more work is the least that was found" if amount else "no share that was tried was found"
        )
        lines.append(f"A {kind} kernel: {outcome} in {MIN_DETECTION_RATE:.0%} of the trials or more.")
    if trials := [case for case in cases if case.experiment == "noise"]:
        silent = sum(case.different and not case.flagged for case in trials)
        lines.append(
            f"With a processor half busy: {_of(_different(trials), len(trials))} false alarms, {silent} with no "
            "finding."
        )
    if trials := [case for case in cases if case.experiment == "estimates"]:
        covered = sum(case.covered for case in trials)
        lines.append(
            f"Estimates: off by {percent(median(case.error for case in trials), 2)} (median); the intervals of "
            f"{_of(covered, len(trials))} hold the whole products beside them."
        )
    if trials := [case for case in cases if case.experiment == "headlines"]:
        covered = sum(case.covered for case in trials)
        lines.append(
            f"Headlines: known to ±{percent(median(case.half_width for case in trials), 2)} (median); "
            f"{_of(covered, len(trials))} agree with that of the run before."
        )
    if trials := [case for case in cases if case.experiment == "accusations"]:
        lines.append(
            f"With all processors busy: {_of(sum(case.flagged for case in trials), len(trials))} of honest kernels "
            "failed a check."
        )
    if trials := [case for case in cases if case.experiment == "counts"]:
        lines.append(f"Counts: 0.1% more work was found in {_of(_different(trials), len(trials))} trials.")
    for name in dict.fromkeys(case.experiment for case in cases if case.experiment.startswith("lies-")):
        lines.append(lies_sentence([case for case in cases if case.experiment == name]))
    if trials := [case for case in cases if case.experiment == "machines"]:
        lines.append(
            f"Simulated machines: {_of(sum(case.flagged for case in trials), len(trials))} have an estimate as the "
            f"fast side, {_of(_different(trials), len(trials))} lack the headline that they could have."
        )
    return lines


def smallest(trials: Sequence[Case]) -> int:
    """Return the smallest extra work, in thousandths, from which on every amount was detected; 0 if none was.

    An amount that was detected by luck, below one that was not, does not count.
    """
    amount = 0
    for per_mille in sorted({case.per_mille for case in trials if case.per_mille}, reverse=True):
        trials_of_amount = [case for case in trials if case.per_mille == per_mille]
        if _different(trials_of_amount) < MIN_DETECTION_RATE * len(trials_of_amount):
            break
        amount = per_mille
    return amount


def _alarms(cases: list[Case]) -> Table:
    rows: list[tuple[str, ...]] = []
    for language in dict.fromkeys(case.kernel.split("/")[0] for case in cases):
        rows.append((language, *_alarm_cells([case for case in cases if case.kernel.startswith(f"{language}/")])))
    rows.append(("all", *_alarm_cells(cases)))
    title = "A run compared with the one before it"
    return Table("alarms", title, ("language", "rows", "called different", "95% interval", "median change"), rows)


def _alarm_cells(cases: list[Case]) -> tuple[str, ...]:
    change = percent(median(abs(case.error) for case in cases), 2)
    return (str(len(cases)), _of(_different(cases), len(cases)), _wilson(_different(cases), len(cases)), change)


def _detection(cases: list[Case]) -> Table:
    rows: list[tuple[str, ...]] = []
    for kind in dict.fromkeys(case.kernel for case in cases):
        for per_mille in sorted({case.per_mille for case in cases}):
            trials = [case for case in cases if (case.kernel, case.per_mille) == (kind, per_mille)]
            if trials:
                amount = f"{per_mille / 10:g}%" if per_mille else "none (false alarms)"
                count, total = _different(trials), len(trials)
                rows.append((kind, amount, str(total), _of(count, total), _wilson(count, total)))
    name = cases[0].experiment
    title = "Extra work that was found" + (", by hyperfine in the same time" if name == "hyperfine" else "")
    return Table(name, title, ("kernel", "extra work", "trials", "called different", "95% interval"), rows)


def _noise(cases: list[Case]) -> Table:
    rows: list[tuple[str, ...]] = []
    for kind in dict.fromkeys(case.kernel for case in cases):
        trials = [case for case in cases if case.kernel == kind]
        silent = sum(case.different and not case.flagged for case in trials)
        flagged = sum(case.flagged for case in trials)
        rows.append(
            (kind, str(len(trials)), _of(_different(trials), len(trials)), str(silent), _of(flagged, len(trials)))
        )
    head = ("kernel", "trials", "called different", "of these without a finding", "with a finding")
    return Table("noise", "Equal kernels while one processor is half busy", head, rows)


def _estimates(cases: list[Case]) -> Table:
    rows: list[tuple[str, ...]] = []
    for name in [*dict.fromkeys(case.kernel for case in cases), "all"]:
        trials = [case for case in cases if name in (case.kernel, "all")]
        covered = sum(case.covered for case in trials)
        rows.append(
            (
                name,
                str(len(trials)),
                f"{median(case.error for case in trials):+.1%}",
                percent(median(abs(case.error) for case in trials), 2),
                percent(median(case.half_width for case in trials), 2),
                _of(covered, len(trials)),
                _wilson(covered, len(trials)),
            )
        )
    head = (
        "kernel",
        "cases",
        "median error",
        "median size of error",
        "half width",
        "whole within the interval",
        "95% interval",
    )
    return Table("estimates", "Estimates from rows beside whole products", head, rows)


def _headlines(cases: list[Case]) -> Table:
    covered = sum(case.covered for case in cases)
    row = (
        str(len(cases)),
        percent(median(case.half_width for case in cases), 2),
        percent(median(abs(case.error) for case in cases), 2),
        _of(covered, len(cases)),
        _wilson(covered, len(cases)),
    )
    head = ("pairs of runs", "half width", "difference", "intervals of the ratio that hold 1", "95% interval")
    return Table("headlines", "Headlines of successive runs", head, [row])


def _accusations(cases: list[Case]) -> Table:
    rows: list[tuple[str, ...]] = []
    for language in [*dict.fromkeys(case.kernel.split("/")[0] for case in cases), "all"]:
        trials = [case for case in cases if language in (case.kernel.split("/")[0], "all")]
        count = sum(case.flagged for case in trials)
        rows.append((language, str(len(trials)), _of(count, len(trials)), _wilson(count, len(trials))))
    head = ("language", "kernels measured", "failed a check", "95% interval")
    return Table("accusations", "Honest kernels while all processors are busy", head, rows)


def _counts(cases: list[Case]) -> Table:
    found = _different(cases)
    row = (
        str(len(cases)),
        _of(found, len(cases)),
        _wilson(found, len(cases)),
        percent(median(case.error for case in cases), 3),
        percent(max(case.half_width for case in cases), 2),
    )
    head = (
        "trials",
        "0.1% more work was found",
        "95% interval",
        "more instructions, median",
        "difference when repeated",
    )
    return Table("counts", "Counts of instructions", head, [row])


def _machines(cases: list[Case]) -> Table:
    answered = [case for case in cases if case.half_width]
    covered = sum(case.covered for case in answered)
    row = (
        str(len(cases)),
        str(sum(case.flagged for case in cases)),
        _of(_different(cases), len(cases)),
        percent(median(case.half_width for case in answered), 2) if answered else "–",
        _of(covered, len(answered)) if answered else "–",
    )
    head = (
        "machines",
        "an estimate is the fast side",
        "no headline though packed takes less than a minute",
        "half width",
        "true ratio within the interval",
    )
    return Table("machines", "Simulated machines", head, [row])


def _different(cases: Iterable[Case]) -> int:
    return sum(case.different for case in cases)


def _of(count: int, total: int) -> str:
    return f"{count} of {total} ({count / total:.1%})"


def _wilson(count: int, total: int) -> str:
    """Return Wilson's 95% interval of a fraction, which also holds for small counts, unlike the normal approximation.

    Wilson 1927, Probable Inference, the Law of Succession, and Statistical Inference.
    """
    from scipy import stats

    ends = stats.binomtest(count, total).proportion_ci(0.95, method="wilson")
    return f"{ends.low:.1%} – {ends.high:.1%}"
