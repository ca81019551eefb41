"""Show a comparison as lines for the terminal, and as a page."""

from __future__ import annotations

import math
from typing import Any

from harness.analysis.compare import Change, Comparison, Verdict
from harness.report.chart_titles import ratios_title
from harness.report.charts.ratios import ratios_chart
from harness.report.render import environment
from harness.util.format import duration, percent
from harness.util.home import without_home


def lines(comparison: Comparison) -> list[str]:
    """Return the comparison as lines, one per kernel."""
    text = [f"{comparison.after} compared with {comparison.before}: {variation(comparison)}"]
    width = max((len(change.kernel) for change in comparison.changes), default=0)
    for change in comparison.changes:
        both = "; ".join(filter(None, (described(change), instructions(change))))
        text.append(f"  {change.kernel:<{width}}  {change.verdict:<18}  {both}".rstrip())
    return text


def variation(comparison: Comparison) -> str:
    """Describe the change of the machine and the run-to-run variation, and how they were measured."""
    if comparison.rounds_of:
        return f"both were launched in the rounds of {comparison.rounds_of}"
    controls, size = comparison.variation.controls, comparison.variation.size
    if size is None:
        return "the run-to-run variation is unknown: too few kernels of the same code, and too few calibrations"
    share = percent(math.expm1(size), 2)
    if controls:
        return (
            f"the machine was {_speed(comparison.variation.machine_ratio)}, by {controls} kernels of the same code; "
            f"ratios are relative to that, and intervals are widened by a run-to-run variation of {share}"
        )
    return f"intervals are widened by {share}, by which the machine's speed differed"


def _speed(ratio: float) -> str:
    """Return the ratio of the machine's times in words; swapped runs have the same figure, slower instead of faster."""
    if abs(math.log(ratio)) < MIN_SHOWN_CHANGE:
        return "as fast in both runs"
    return f"{percent(max(ratio, 1 / ratio) - 1, 2)} {'slower' if ratio > 1 else 'faster'} in the later run"


MIN_SHOWN_CHANGE = 5e-4
"""Smallest change of the machine, on a log scale, that is written as a number: 0.05%, far below any verdict."""


KINDS = {
    (False, False): "",
    (True, True): " (estimates)",
    (True, False): " (the first an estimate)",
    (False, True): " (the second an estimate)",
}
"""How two times were found, by whether each is an estimate. Of two runs, only times of one kind are compared."""


def described(change: Change) -> str:
    """Return a change in words: '12.3 ms -> 12.9 ms, x 1.049 (1.021 to 1.078)'; or why there is none."""
    if change.ratio is None:
        return change.reason
    assert change.before is not None and change.after is not None
    kind = KINDS[change.before.estimated, change.after.estimated]
    times = f"{duration(change.before.seconds)} -> {duration(change.after.seconds)}{kind}"
    text = f"{times}, x {change.ratio.value:.3f}"
    bounds = change.ratio.interval
    return f"{text} ({bounds.low:.3f} to {bounds.high:.3f})" if bounds else f"{text}; {change.reason}"


MIN_SHOWN_PERCENT = 0.005
"""Smallest change of the instructions in percent that is written as a number, with two decimal places."""


def instructions(change: Change) -> str:
    """Return the change of the instructions in words: '+1.00% instructions, no difference seen in time'."""
    if change.instructions is None:
        return ""
    share = change.instructions.percent
    if abs(share) < MIN_SHOWN_PERCENT:
        return "the same instructions"
    unseen = ", no difference seen in time" if change.verdict == Verdict.SAME else ""
    return f"{share:+.2f}% instructions{unseen}"


def page(comparisons: list[Comparison]) -> str:
    """Return the HTML page that compares runs with the first one."""
    template = environment().get_template("compare.html.j2")  # before the charts, whose library it prepares
    return without_home(template.render(comparisons=[_context(comparison) for comparison in comparisons]))


def machines(comparison: Comparison) -> str:
    """Name the CPUs of both runs."""
    before, after = comparison.chips
    if comparison.rounds_of:
        return f"On {before}"
    return f"Both runs on {before}" if before == after else f"The earlier run on {before}, this one on {after}"


def as_sentence(words: str) -> str:
    """Return words with a capital first, and the others as they are: an id of a run has capitals, too."""
    return words[:1].upper() + words[1:]


def columns(comparison: Comparison) -> tuple[str, str]:
    """Return the heads of the columns of times: the two toolchains, or the order of two runs."""
    return (comparison.before, comparison.after) if comparison.rounds_of else ("before", "after")


def _context(comparison: Comparison) -> dict[str, Any]:
    ratios = [
        (change.kernel, bounds.value, bounds.low, bounds.high)
        for change in comparison.changes
        if change.ratio and (bounds := change.ratio.interval)
    ]

    def count(verdict: Verdict) -> int:
        return sum(change.verdict == verdict for change in comparison.changes)

    return {
        "before": comparison.before,
        "after": comparison.after,
        "columns": columns(comparison),
        "rounds_of": comparison.rounds_of,
        "machines": machines(comparison),
        "variation": as_sentence(variation(comparison)),
        "changes": comparison.changes,
        "instructions": {change.kernel: instructions(change) for change in comparison.changes},
        "chart": ratios_chart(ratios),
        "title": ratios_title([ratio for _, ratio, _, _ in ratios], *map(count, (Verdict.FASTER, Verdict.SLOWER))),
        "languages": sorted({change.kernel.split("/")[0] for change in comparison.changes}),
        "verdicts": sorted({change.verdict for change in comparison.changes}),
    }
