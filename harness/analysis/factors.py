"""Compute a speed-up as the product of the steps between two kernels. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import pairwise

from harness.analysis.estimate import Estimate
from harness.analysis.intervals import ratio
from harness.model.kernel import DEVICE_RUNGS, FMA_RUNGS, kernel_id
from harness.model.result import Factor, Product, Quantity, Row

STEPS = {
    "interchange": "loop order",
    "parallel": "cores",
    "tiled": "tiles",
    "divide": "blocks",
    "vector": "vectors",
    "intrinsics": "intrinsics",
    "packed": "packing",
}
"""What each rung changes (docs/rules.md). `naive` changes nothing: the step to it is one of the two below."""

LANGUAGE, IMPLEMENTATION = "language", "implementation"
"""The step to the naive rung of another language, and to that of another implementation of the same language."""

MAX_ROUNDING = 0.005
"""Largest distance of a remainder from 1 that is not shown: half a unit of the last digit of a factor of 1.00."""


def product_of(
    estimates: Mapping[str, Estimate], rows: Iterable[Row], baseline: str, fastest: Row, confidence: float
) -> Product | None:
    """Return the speed-up of `fastest` over the baseline as the product of the steps between them.

    `estimates` has those of the rows, by the kernel's id. None if the baseline was not measured, is `fastest` itself,
    or is of a later rung.

    Each factor and the total are the estimates that the report shows elsewhere: ratios by common rounds, where a
    disturbance of a round cancels. Two steps with different rounds in common do not multiply exactly to the ratio of
    their ends. Quotients of the times would, but they keep the disturbances, and the total would differ from the
    speed-up of the headline. What the factors lack to the total is therefore a number of its own, the remainder, so
    that factors and remainder multiply to the total exactly.
    """
    path = _path({row.kernel: row for row in rows if row.time and row.kernel in estimates}, baseline, fastest)
    if len(path) < 2:
        return None

    def quantity(before: str, after: str) -> Quantity:
        return Quantity.of(*ratio(estimates[before], estimates[after], confidence))

    def estimated(*kernels: str) -> bool:
        return any(estimates[kernel].estimated for kernel in kernels)

    factors = tuple(
        Factor(name, before, after, quantity(before, after), estimated(before, after))
        for (_, before), (name, after) in pairwise(path)
    )
    total, multiplied = quantity(baseline, fastest.kernel), math.prod(factor.ratio.value for factor in factors)
    return Product(factors, total, total.value / multiplied, estimated(baseline, fastest.kernel))


def beyond_rounding(remainder: float) -> bool:
    """Return whether a remainder differs from 1 by more than the rounding of the factors that are shown."""
    return abs(remainder - 1) > MAX_ROUNDING


def _path(measured: Mapping[str, Row], baseline: str, fastest: Row) -> list[tuple[str, str]]:
    """Return the kernels from the baseline to `fastest`, each with the name of the step that leads to it.

    After the baseline come kernels of the language, the toolchain and the variant of `fastest`, first that of the
    baseline's own rung. A rung that was not measured has no kernel, and its name is joined to that of the next step,
    unless its language has no such rung: rungs of devices are beside those of processors. Empty without a path.
    """
    base = measured.get(baseline)
    if base is None or fastest.kernel not in measured or not {base.rung, fastest.rung} <= set(FMA_RUNGS):
        return []
    first, last = FMA_RUNGS.index(base.rung), FMA_RUNGS.index(fastest.rung)
    suffix = fastest.variant.removeprefix(fastest.rung)
    on_device = any(
        kernel_id(fastest.language, f"{rung}{suffix}", fastest.alternative) in measured for rung in DEVICE_RUNGS
    )
    path, names = [("", baseline)], []
    for rung in FMA_RUNGS[first : last + 1]:
        kernel = kernel_id(fastest.language, f"{rung}{suffix}", fastest.alternative)
        missing = rung != base.rung and kernel not in measured
        if kernel == baseline or (missing and (on_device or rung in DEVICE_RUNGS)):
            continue
        if rung != base.rung:
            names.append(STEPS[rung])
        else:  # the same rung, compiled or interpreted by another program where the language is the same
            names.append(LANGUAGE if base.language != fastest.language else IMPLEMENTATION)
        if kernel in measured:
            path.append((_joined(names), kernel))
            names = []
    return path


def _joined(names: list[str]) -> str:
    """Return the name of several steps: 'cores and blocks', or 'cores to vectors' for more than two."""
    return {1: names[0], 2: " and ".join(names)}.get(len(names), f"{names[0]} to {names[-1]}")
