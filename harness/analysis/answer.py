"""Find the answer of a run: the two sides of its headline, their ratio, and its precision. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import stdev

from harness.analysis.estimate import Estimate
from harness.analysis.intervals import ratio, student_quantile
from harness.analysis.significance import significantly_slower
from harness.model.answer import MIN_ROUNDS, Answer, Precision
from harness.model.config import Config
from harness.model.kernel import FMA_RUNGS, by_main_toolchain
from harness.model.result import Quantity, Row, fastest_first

MAX_WHOLE_S = 60
"""Time of a whole product, in seconds, up to which a run measures the fast side of its headline whole."""

MAX_ADVISED_ROUNDS = 1000


def answer_of(rows: Sequence[Row], estimates: Mapping[str, Estimate], config: Config) -> Answer:
    """Return the answer of a run, of one toolchain a language.

    `estimates` has the estimate of each measured row, by its kernel.
    """
    measured = fastest_first(by_main_toolchain(row for row in rows if row.time))
    if not measured:
        return Answer(why_not="no kernel was measured")
    base = next((row for row in measured if row.kernel == config.baseline), measured[-1])
    others = [row for row in measured if row is not base and row.rung in FMA_RUNGS and not row.on_gpu]
    whole = [row for row in others if not row.estimated and row.rounds >= MIN_ROUNDS]
    if not whole:
        return Answer(base, why_not=_why_not(others, config))
    fastest = whole[0]
    slow, fast = estimates[base.kernel], estimates[fastest.kernel]
    value, bounds = ratio(slow, fast, config.confidence)
    equals = [
        row
        for row in whole[1:]
        if not significantly_slower(estimates[row.kernel], estimates[fastest.kernel], config.confidence)
    ]
    speedup = Quantity.of(value, bounds)
    return Answer(base, fastest, speedup, tuple(equals), precision(slow, fast, speedup, config))


def _why_not(others: Sequence[Row], config: Config) -> str:
    """Return why there is no fast side, and what would give one; `others` are the kernels that it could be."""
    if not others:
        return "no kernel of multiply-adds was measured beside the baseline"
    whole = [row for row in others if not row.estimated]
    if whole:
        rounds = max(row.rounds for row in whole)
        return (
            f"the fast kernels were measured in {rounds} round{'s' if rounds > 1 else ''}, and a headline needs "
            f"{MIN_ROUNDS}: --rounds {MIN_ROUNDS}"
        )
    fastest = others[0]
    assert fastest.time is not None
    if fastest.time.value <= MAX_WHOLE_S:
        return "no fast kernel was measured whole"
    # a product of n' takes (n' / n)^3 times as long: the largest power of two that takes less than a minute
    n = config.n * (MAX_WHOLE_S / fastest.time.value) ** (1 / 3)
    return (
        f"no kernel can be measured whole in {MAX_WHOLE_S} s at n = {config.n}, and an estimate is no fast side: "
        f"--n {2 ** max(0, math.floor(math.log2(n)))} would give one"
    )


def precision(slow: Estimate, fast: Estimate, speedup: Quantity, config: Config) -> Precision | None:
    """Return how precise a speed-up is; None without an interval, or without two common rounds."""
    common = sorted(slow.by_round.keys() & fast.by_round.keys())
    if speedup.interval is None or len(common) < 2:
        return None
    scatter = stdev(math.log(slow.by_round[number] / fast.by_round[number]) for number in common)
    return Precision(
        _scatter(slow),
        _scatter(fast),
        speedup.interval.half_width,
        len(common),
        config.target,
        rounds_needed(scatter, config.target, config.confidence),
    )


def rounds_needed(scatter: float, target: float, confidence: float) -> int:
    """Return the number of rounds for a half width of `target`, if the rounds' ratios scatter so (log scale).

    The half width of a mean's interval is t(R - 1) s / sqrt(R).
    """
    for rounds in range(MIN_ROUNDS, MAX_ADVISED_ROUNDS):
        if student_quantile((1 + confidence) / 2, rounds - 1) * scatter / math.sqrt(rounds) <= target:
            return rounds
    return MAX_ADVISED_ROUNDS


def _scatter(estimate: Estimate) -> float:
    return stdev(math.log(time) for time in estimate.by_round.values())
