"""Compare the toolchains of a language, which one run measured in the same rounds. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from harness.analysis.compare import Change, Comparison, Run, Verdict, kind_of, timed, verdict_of
from harness.analysis.estimate import Estimate, estimates_of
from harness.analysis.intervals import ratio
from harness.analysis.run_to_run import CONFIDENCE, RunToRunVariation
from harness.model.errors import UsageError
from harness.model.kernel import SERIAL_RUNGS, by_main_toolchain, kernel_id
from harness.model.result import Quantity, Row
from harness.util.chip import chip_name


def compare_toolchains(run: Run) -> list[Comparison]:
    """Compare each further toolchain of a run with the main one of its language, rung by rung.

    Both were launched in the same rounds, so that a disturbance of the machine cancels, and no run-to-run variation
    widens the intervals. Raises UsageError for a run with one toolchain a language.
    """
    main = by_main_toolchain(run.rows.values())
    by_rung = {(row.language, row.variant): row for row in main}
    others: dict[tuple[str, str], list[Row]] = {}
    for row in run.rows.values():
        if by_rung.get((row.language, row.variant)) is not row:
            others.setdefault((row.language, row.toolchain), []).append(row)
    if not others:
        raise UsageError(
            f"--by toolchain: {run.record.id} has one toolchain a language; "
            "'run-all --toolchain c=gcc,clang' measures several in the same rounds"
        )
    names = {row.language: f"{row.language}={row.toolchain}" for row in main}
    estimates = estimates_of(run.samples, run.config.n)
    chip = chip_name(run.record.host)
    return [
        Comparison(
            names[language],
            f"{language}={toolchain}",
            (chip, chip),
            RunToRunVariation(),
            [_change(by_rung.get((language, row.variant)), row, estimates) for row in of_toolchain],
            rounds_of=run.record.id,
        )
        for (language, toolchain), of_toolchain in others.items()
    ]


def _change(main: Row | None, other: Row, estimates: Mapping[str, Estimate]) -> Change:
    """Compare one rung by two toolchains; the ratio is the time by the other divided by that by the main one."""
    name, before, after = kernel_id(other.language, other.variant), timed(main), timed(other)
    reason = _not_comparable(main, other)
    if reason or main is None:
        return Change(name, Verdict.NOT_COMPARABLE, reason, before, after)
    value, interval = ratio(estimates[other.kernel], estimates[main.kernel], CONFIDENCE)
    if interval is None:
        return Change(name, Verdict.SAME, "measured once: there is no interval", before, after, Quantity(value))
    return Change(name, verdict_of(interval), "", before, after, Quantity.of(value, interval))


def _not_comparable(main: Row | None, other: Row) -> str:
    """Return why a rung cannot be compared by two toolchains; empty if it can."""
    if main is None:
        return "the first toolchain does not build it"
    for row in (main, other):
        if row.time is None:
            return f"{row.status} by {row.toolchain}: {row.reason}"
    if other.rung in SERIAL_RUNGS:
        return ""  # the headline, too, compares an estimate of these with a measured time
    kinds = kind_of(main), kind_of(other)
    return "" if kinds[0] == kinds[1] else f"{kinds[0]} by {main.toolchain}, {kinds[1]} by {other.toolchain}"
