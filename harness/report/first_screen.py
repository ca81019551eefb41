"""Compose the first screen of the report: one number, the two times, and the steps between them. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from harness.model.answer import Answer
from harness.model.result import Factor, Product, Row
from harness.model.results import Results
from harness.report.headline import compiler, numpy_row, times, who
from harness.util.format import duration, significant


@dataclass(frozen=True)
class Side:
    """A side of the answer: the kernel, its compiler or interpreter, its time, and how the time was found."""

    kernel: str
    name: str
    compiler: str
    time: str
    estimated: bool
    how: str


@dataclass(frozen=True)
class BarStep:
    """A step of the speed-up, and its part of the bar: `x` and `width` in percent, on a logarithmic scale.

    `width` is 0 for a step that made nothing faster.
    """

    name: str
    times: str
    estimated: bool
    x: float
    width: float


@dataclass(frozen=True)
class FirstScreen:
    """The answer of a run that has one. `numpy` is the row of Python's line that calls NumPy, as a side."""

    times: str
    bounds: str
    n: int
    slow: Side
    fast: Side
    steps: tuple[BarStep, ...]
    numpy: Side | None
    numpy_times: str


def first_screen(results: Results) -> FirstScreen | None:
    """Return the first screen; None for a run that has no answer, whose headline says why."""
    answer: Answer = results.answer
    base, fast, speedup = answer.baseline, answer.fastest, answer.speedup
    if base is None or fast is None or speedup is None:
        return None
    numpy, bounds = numpy_row(results.rows), speedup.interval
    return FirstScreen(
        times=significant(speedup.value),
        bounds=f"{significant(bounds.low)} to {significant(bounds.high)}" if bounds else "",
        n=base.n,
        slow=_side(base, results),
        fast=_side(fast, results),
        steps=bar(results.product),
        numpy=_side(numpy, results) if numpy else None,
        numpy_times=times(numpy.speedup) if numpy and numpy.speedup else "",
    )


def bar(product: Product | None) -> tuple[BarStep, ...]:
    """Return the steps of a speed-up side by side: each is as wide as the logarithm of its factor."""
    factors: Sequence[Factor] = product.factors if product else ()
    sizes = [math.log(max(1.0, factor.ratio.value)) for factor in factors]
    whole, steps, x = sum(sizes) or 1.0, [], 0.0
    for factor, size in zip(factors, sizes, strict=True):
        width = 100 * size / whole
        steps.append(BarStep(factor.name, significant(factor.ratio.value), factor.estimated, x, width))
        x += width
    return tuple(steps)


def _side(row: Row, results: Results) -> Side:
    assert row.time is not None
    rounds = f" in {row.rounds} rounds" if row.rounds > 1 else ""
    how = f"estimated from {row.rows} of {row.n} rows" if row.estimated else "measured whole"
    return Side(
        kernel=row.kernel,
        name=who(row),
        compiler=compiler(row, results.record),
        time=duration(row.time.value),
        estimated=row.estimated,
        how=how + rounds,
    )
