"""A comparison as lines for the terminal, and as a page."""

from __future__ import annotations

import math
from typing import Any

from harness.analysis.compare import Change, Comparison
from harness.report.charts.ratios import ratios_chart
from harness.report.render import environment
from harness.util.format import duration, percent


def lines(comparison: Comparison) -> list[str]:
    """The table, one line a kernel."""
    found = [f"{comparison.after} beside {comparison.before}: {machine(comparison)}"]
    width = max((len(change.kernel) for change in comparison.changes), default=0)
    for change in comparison.changes:
        found.append(f"  {change.kernel:<{width}}  {change.verdict:<18}  {said(change)}".rstrip())
    return found


def machine(comparison: Comparison) -> str:
    """By how much the two runs differ of themselves, and how that is known."""
    controls, size = comparison.variation.controls, comparison.variation.size
    if size is None:
        return "too few kernels of the same code and too few calibrations to tell how the machine itself changed"
    share = percent(math.expm1(size), 2)
    if controls:
        return (
            f"{controls} kernels have the same code in both; beside what their launches explain they differ "
            f"by {share}, by which intervals are widened"
        )
    return f"the machine's own speed differed by {share}, by which intervals are widened"


def said(change: Change) -> str:
    """A change in words: '12.3 ms -> 12.9 ms, x 1.049 (1.021 to 1.078)'; or why there is none."""
    if change.ratio is None:
        return change.reason
    assert change.before_s is not None and change.after_s is not None
    text = f"{duration(change.before_s)} -> {duration(change.after_s)}, x {change.ratio.value:.3f}"
    bounds = change.ratio.interval
    return f"{text} ({bounds.low:.3f} to {bounds.high:.3f})" if bounds else f"{text}; {change.reason}"


def page(comparisons: list[Comparison]) -> str:
    """The HTML page of runs beside the first one."""
    return environment().get_template("compare.html.j2").render(comparisons=[_shown(one) for one in comparisons])


def _shown(one: Comparison) -> dict[str, Any]:
    ratios = [
        (change.kernel, bounds.value, bounds.low, bounds.high)
        for change in one.changes
        if change.ratio and (bounds := change.ratio.interval)
    ]
    return {
        "before": one.before,
        "after": one.after,
        "machine": machine(one).capitalize(),
        "changes": one.changes,
        "chart": ratios_chart(ratios),
        "languages": sorted({change.kernel.split("/")[0] for change in one.changes}),
        "verdicts": sorted({change.verdict for change in one.changes}),
    }
