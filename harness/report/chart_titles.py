"""Write what each chart shows as its title: the finding, from the values that it draws. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from harness.model.counts import RunCounts
from harness.model.kernel import RUNGS, by_main_toolchain
from harness.model.result import AtSize, Product, Row
from harness.report.charts.lines import frontier
from harness.report.charts.roofline import intensity
from harness.report.climb import Step, is_library, phrase
from harness.util.format import percent, significant


def climb_title(steps: Sequence[Step]) -> str:
    """Name the largest step of the climb; empty without a step."""
    largest = max((step for step in steps if step.factor), key=lambda step: step.factor or 0.0, default=None)
    if largest is None or largest.factor is None:
        return ""
    return f"The largest step is “{largest.label}”: {significant(largest.factor)} times"


def paper_title(steps: Sequence[Step]) -> str:
    """Set this machine's whole climb beside the paper's; empty where its last row was not repeated."""
    if len(steps) < 2 or steps[-1].paper is None:
        return ""
    return f"{significant(steps[-1].times)} times in all here, {steps[-1].paper.speedup:,} in the paper"


def factors_title(product: Product | None) -> str:
    """Name the largest factor of the speed-up, and its part of it."""
    if product is None or not product.factors:
        return ""
    largest = max(product.factors, key=lambda factor: factor.ratio.value)
    times, total = (significant(each.value) for each in (largest.ratio, product.total))
    return f"The largest of the factors is {largest.name}: {times} of {total} times"


def ladders_title(rows: Sequence[Row]) -> str:
    """Name the language and the rung with the largest step over the rung before it; empty without a step."""
    largest: tuple[float, Row] | None = None
    for ladder in _ladders(rows).values():
        for before, after in pairwise(ladder):
            assert before.time is not None and after.time is not None
            factor = before.time.value / after.time.value
            if largest is None or factor > largest[0]:
                largest = factor, after
    if largest is None:
        return ""
    factor, row = largest
    return f"{row.language_name} gains most in one step, from {phrase(row.rung)}: {significant(factor)} times"


def _ladders(rows: Sequence[Row]) -> Mapping[str, list[Row]]:
    """Return the measured rungs of each language in their order, by one toolchain, without variants and libraries."""
    ladders: dict[str, list[Row]] = {}
    measured = by_main_toolchain(row for row in rows if row.time)
    plain = [row for row in measured if row.variant in RUNGS and not is_library(row)]
    for row in sorted(plain, key=lambda row: RUNGS.index(row.rung)):
        ladders.setdefault(row.language, []).append(row)
    return ladders


def lines_title(rows: Sequence[Row]) -> str:
    """Say how many more lines the fastest kernel takes than the shortest one; empty without two such kernels."""
    best = frontier(rows)
    if len(best) < 2:
        return ""
    shortest, fastest = best[0], best[-1]
    assert shortest.rate and fastest.rate and shortest.build.lines and fastest.build.lines
    lines = significant(fastest.build.lines / shortest.build.lines)
    times = significant(fastest.rate.gflops / shortest.rate.gflops)
    return f"{fastest.kernel} is {times} times as fast as {shortest.kernel}, in {lines} times as many lines"


def roofline_title(rows: Sequence[Row], counts: RunCounts) -> str:
    """Name the counted rungs that move the most and the least bytes for an operation; empty without two."""
    rungs = [row for row in rows if row.variant in RUNGS]
    known = sorted((at, row.kernel) for row in rungs if row.rate and (at := intensity(row, counts)))
    if len(known) < 2:
        return ""
    (low, first), (high, last) = known[0], known[-1]
    return f"{last} computes {significant(high / low)} times as much with a byte as {first}, simulated"


def sizes_title(sizes: Sequence[AtSize]) -> str:
    """Name the fastest kernel at the largest n."""
    if not sizes:
        return ""
    largest = max(at_size.n for at_size in sizes)
    fastest = max((each for each in sizes if each.n == largest), key=lambda each: each.gflops)
    return f"At n = {largest}, {fastest.kernel} is the fastest: {significant(fastest.gflops)} GFLOPS"


def ratios_title(ratios: Sequence[float], faster: int, slower: int) -> str:
    """Count what became faster and slower, and name the largest change."""
    if not ratios:
        return ""
    largest = max(ratios, key=lambda ratio: max(ratio, 1 / ratio))
    change = f"{percent(abs(largest - 1), 2)} {'longer' if largest > 1 else 'shorter'}"
    return f"{faster} faster, {slower} slower, of {len(ratios)}; the largest change of a time is {change}"
