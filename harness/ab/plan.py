"""Decide how many rounds a comparison takes, in which orders, and which difference they show. Pure."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.analysis.hodges_lehmann import rank_of_ends
from harness.analysis.intervals import paired, student_quantile

CONFIDENCE = 0.95
"""Confidence of all intervals of a comparison together."""

POWER = 0.9
"""Probability with which a difference that is called detectable is found."""

EFFICIENCY = 3 / math.pi
"""Efficiency of the signed ranks relative to Student's test, of normal differences; it is larger with heavy tails."""

MIN_PLANNED_ROUNDS = 10
"""Smallest number of rounds that is planned for a difference: with fewer, the signed ranks need all rounds to agree."""

MAX_ROUNDS = 1000
"""Largest number of rounds: the exact distribution of the ranks of more would take seconds to compute."""

MIN_PILOT_ROUNDS, MAX_PILOT_ROUNDS = 3, 30
"""Rounds of a pilot: the fewest from which a variance follows, and those that suffice for it."""

PILOT_S = 3.0
"""Time after which a pilot ends, in seconds, once it has its fewest rounds: long enough for 30 rounds of commands of
30 ms."""

DEFAULT_DETECT, DEFAULT_TIME_S = 0.01, 60.0
"""The difference that is looked for, and the time limit in seconds, if the user names neither."""


@dataclass(frozen=True)
class Goal:
    """What the user asks for: the difference to detect as a fraction, the time in seconds, or the rounds."""

    detect: float | None = None
    time_s: float | None = None
    rounds: int | None = None

    @property
    def pilot_s(self) -> float:
        """The time of the pilot, in seconds: a small part of that of all."""
        return PILOT_S if self.time_s is None else min(PILOT_S, self.time_s / 10)


@dataclass(frozen=True)
class Pilot:
    """What a pilot shows: the standard deviation of a round's ratio, on a log scale, and the seconds of a round."""

    noise: float
    round_s: float


@dataclass(frozen=True)
class Plan:
    """How many rounds are made, how long they take, and the smallest difference that they show with 90% probability.

    `detectable` is a fraction; without a pilot, it and `seconds` are None.
    """

    rounds: int
    seconds: float | None = None
    detectable: float | None = None


def confidence_of_each(comparisons: int) -> float:
    """Return the confidence of each of several intervals that all hold with CONFIDENCE together (Bonferroni)."""
    return 1 - (1 - CONFIDENCE) / comparisons


def min_rounds(confidence: float) -> int:
    """Return the smallest number of rounds from which signed ranks give an interval."""
    rounds = 1
    while not rank_of_ends(rounds, confidence):
        rounds += 1
    return rounds


def noise_of(columns: Sequence[Mapping[int, float]]) -> float:
    """Return the standard deviation of a round's ratio, on a log scale, from the times of each command by round.

    It follows from the intervals that the rounds give, so that a disturbed launch moves it as little as those. Of the
    ratios to the first command, it is the root of the mean square.
    """
    first, *others = columns
    rounds = len(first)
    quantile = student_quantile((1 + CONFIDENCE) / 2, rounds - 1)
    squares = []
    for other in others:
        found = paired(other, first, CONFIDENCE)
        half_width = math.log(found.high / found.low) / 2
        squares.append((half_width * math.sqrt(EFFICIENCY * rounds) / quantile) ** 2)
    return math.sqrt(sum(squares) / len(squares))


def detectable(noise: float, rounds: int, confidence: float) -> float:
    """Return the smallest difference, as a fraction, that so many rounds show with a probability of POWER."""
    quantiles = student_quantile((1 + confidence) / 2, rounds - 1) + student_quantile(POWER, rounds - 1)
    return math.expm1(min(noise * quantiles / math.sqrt(EFFICIENCY * rounds), math.log(1e6)))


def rounds_to_detect(detect: float, noise: float, confidence: float) -> int:
    """Return the number of rounds that show a difference of `detect`, a fraction; MAX_ROUNDS if more would be needed.

    The detectable difference falls with the rounds, so that their number is found by halving.
    """
    low, high = max(MIN_PLANNED_ROUNDS, min_rounds(confidence)), MAX_ROUNDS
    while low < high:
        middle = (low + high) // 2
        if detectable(noise, middle, confidence) <= detect:
            high = middle
        else:
            low = middle + 1
    return low


def plan(goal: Goal, pilot: Pilot, spent_s: float, confidence: float) -> Plan:
    """Return the plan that the goal and the pilot give; `spent_s` is the time that warm-up and pilot took.

    Too little time for the fewest rounds gives these all the same: without them there is no interval.
    """
    rounds = MAX_ROUNDS
    if goal.detect is not None:
        rounds = rounds_to_detect(goal.detect, pilot.noise, confidence)
    if goal.time_s is not None:
        rounds = min(rounds, int((goal.time_s - spent_s) / pilot.round_s))
    rounds = max(rounds, min_rounds(confidence))
    return Plan(rounds, rounds * pilot.round_s, detectable(pilot.noise, rounds, confidence))


def order_of(columns: int, number: int, seed: int) -> list[int]:
    """Return the order in which the columns of round `number` are launched: each order is as likely as any other."""
    return random.Random(f"{seed} {number}").sample(range(columns), columns)
