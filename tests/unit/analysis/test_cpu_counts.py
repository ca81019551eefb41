"""Test what is computed from the CPU's counters of a kernel's launches."""

from __future__ import annotations

import pytest

from harness.analysis.cpu_counts import cpu_counts, slot_shares
from harness.model.counters import NO_COUNTERS, CounterReading, CounterSupport
from harness.model.sample import Purpose
from tests import factories

STEPS = 64**3
SUPPORT = CounterSupport(slots_per_cycle=8)


def reading(name: str, value: float, running: float = 1.0) -> CounterReading:
    return CounterReading(name, round(value), 1000, round(1000 * running))


def launch(number: int, *counters: CounterReading, **fields):
    return factories.launch([1e6, 1e6], number, counters=counters, **fields)


def test_counts_are_of_a_multiply_add_without_the_start():
    start = launch(0, reading("cycles", 500), purpose=Purpose.START)
    whole = [*launch(1, reading("cycles", 500 + 6 * STEPS)), *launch(2, reading("cycles", 500 + 8 * STEPS))]

    counts = cpu_counts([*start, *whole], NO_COUNTERS)

    assert counts.per_step == {"cycles": 3.5} and counts.counted_share == 1


def test_event_that_was_counted_in_part_of_the_time_is_scaled_and_told():
    counts = cpu_counts(launch(0, reading("cycles", STEPS, running=0.5)), NO_COUNTERS)

    assert counts.per_step == {"cycles": 1.0} and counts.counted_share == 0.5


def test_event_that_was_never_counted_is_left_out():
    assert cpu_counts(launch(0, CounterReading("cycles", 0, 1000, 0)), NO_COUNTERS) is None


def test_sets_of_several_rounds_are_joined():
    first = launch(0, reading("cycles", 4 * STEPS), reading("instructions", 8 * STEPS))
    second = launch(1, reading("cycles", 4 * STEPS), reading("branches", 2 * STEPS))

    counts = cpu_counts([*first, *second], NO_COUNTERS)

    assert counts.per_step == {"cycles": 2, "instructions": 4, "branches": 1}
    assert counts.instructions_per_cycle == 2


def test_launches_without_counters_give_none():
    assert cpu_counts(launch(0), NO_COUNTERS) is None


def test_slots_follow_from_cycles_where_no_event_counts_them():
    per_step = {"cycles": 1.0, "retired-slots": 4.0, "frontend-slots": 1.0, "backend-slots": 2.0}

    assert slot_shares(per_step, 8) == {"retiring": 0.5, "frontend": 0.125, "backend": 0.25, "bad speculation": 0.125}


def test_slots_of_an_event_need_no_cycles():
    per_step = {"slots": 10.0, "retired-slots": 4.0, "frontend-slots": 1.0, "backend-slots": 5.0}

    assert slot_shares(per_step, 0)["bad speculation"] == pytest.approx(0)


def test_shares_are_empty_where_a_part_is_not_known():
    assert slot_shares({"cycles": 1.0, "retired-slots": 4.0}, 8) == {}
    assert slot_shares({}, 0) == {}
