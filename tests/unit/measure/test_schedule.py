"""Test the launches of a kernel in a round."""

from __future__ import annotations

import pytest

from harness.measure.mode import Mode
from harness.measure.schedule import steps_of_round
from harness.model.sample import Purpose, Sample, Step
from tests import factories

N = 100
CONFIG = factories.config(n=N, rounds=4)
KERNEL = factories.kernel()
PILOT = factories.launch([1e6] * 6, 0, n=N, rows=10, round=0, purpose=Purpose.PILOT)
ROUNDS = (1, 2, 3, 4)


def play(mode: Mode, rounds=ROUNDS, kernel=KERNEL, row_ns=1e5, history=(), stop: int = 1000) -> list[Sample]:
    """Return all samples of a kernel that takes `row_ns` per row, from `history` on, up to launch number `stop`."""
    history = list(history) or list(PILOT)
    for number in rounds:
        for step in steps_of_round(kernel, history, mode, rounds, number, CONFIG):
            launch = max(sample.launch for sample in history) + 1
            if launch == stop:
                return history
            history += factories.launch_of(step, [row_ns * step.rows] * step.reps, launch, n=N, round=number)
    return history


def launches(history: list[Sample], *purposes: Purpose) -> list[Sample]:
    """Return one sample of each launch of these purposes."""
    return [s for s in {s.launch: s for s in history}.values() if s.purpose in purposes]


def test_each_round_has_one_measuring_launch():
    found = launches(play(Mode((N,), 3)), Purpose.MEASURE)

    assert [(s.round, s.rows, s.reps) for s in found] == [(number, N, 3) for number in ROUNDS]


def test_some_of_the_rows_begin_at_a_row_drawn_for_the_round():
    rows = [s.row0 for s in launches(play(Mode((2,), 2)), Purpose.MEASURE)]

    assert len(set(rows)) == 4 and all(0 <= row < N for row in rows)


def test_both_row_counts_are_measured_in_each_round_in_either_order():
    found = [(s.round, s.rows) for s in launches(play(Mode((5, 20), 2)), Purpose.MEASURE)]

    assert sorted(found) == [(number, rows) for number in ROUNDS for rows in (5, 20)]
    assert found != sorted(found)


def test_start_launch_belongs_to_the_first_round():
    found = launches(play(Mode((N,), 2)), Purpose.START)

    assert [s.round for s in found] == [1]


def test_audit_is_in_the_second_round_beside_the_ordinary_launch():
    history = play(Mode((N,), 3))

    audits = launches(history, Purpose.AUDIT)
    assert sorted((s.rows, s.reps) for s in audits) == [(3, 1), (N, 1)]
    assert {s.round for s in audits} == {2} and all(s.row0 for s in audits)


@pytest.mark.parametrize(("rows", "reps", "row_ns"), [(N, 3, 1e5), (1, 1, 3e9)])
def test_an_audit_has_a_launch_on_values_of_53_bits(rows, reps, row_ns):
    history = play(Mode((rows,), reps), row_ns=row_ns)

    [found] = launches(history, Purpose.FULL_MANTISSA)
    assert (found.rows, found.reps, found.round) == (rows, 1, 2)


def test_audit_of_launches_of_one_call_has_two():
    audits = launches(play(Mode((1,), 1), row_ns=3e9, kernel=factories.kernel(threaded=True)), Purpose.AUDIT)

    assert [(s.rows, s.reps) for s in audits] == [(1, 2)]


def test_threads_of_launches_of_one_call_are_counted_in_their_audit():
    history = play(Mode((1,), 1), row_ns=3e9)

    [counted] = launches(history, Purpose.THREADS)
    assert (counted.rows, counted.round) == (1, 2) and counted.reps > 1 and counted.row0
    assert not launches(history, Purpose.AUDIT)


def test_audit_of_a_long_product_has_the_rows_of_a_pilot():
    pilot = factories.launch([1e9] * 6, 0, n=N, rows=10, round=0, purpose=Purpose.PILOT)

    audits = launches(play(Mode((N,), 1), row_ns=1e8, history=pilot), Purpose.AUDIT)

    assert [(s.rows, s.reps) for s in audits] == [(10, 1)]


def test_only_round_of_a_kernel_has_its_audit():
    assert launches(play(Mode((N,), 2), rounds=(1,)), Purpose.AUDIT)


def test_threads_are_counted_once():
    assert [s.round for s in launches(play(Mode((N,), 2)), Purpose.THREADS)] == [2]


@pytest.mark.parametrize(("rows", "row_ns", "calls"), [(N, 5e5, 6), (N, 3e6, 4), (1, 3e9, 2)])
def test_threads_are_counted_over_several_calls_unless_these_are_long(rows, row_ns, calls):
    pilot = factories.launch([10 * row_ns] * 6, 0, n=N, rows=10, round=0, purpose=Purpose.PILOT)

    counted = launches(play(Mode((rows,), 2), row_ns=row_ns, history=pilot), Purpose.THREADS)

    assert counted[0].reps == calls


def test_threads_of_a_kernel_that_may_use_all_are_not_counted():
    history = play(Mode((N,), 2), kernel=factories.kernel(threaded=True))

    assert not launches(history, Purpose.THREADS)


def test_kernel_that_fails_a_check_is_audited_again_in_later_rounds():
    """A call on new rows takes ten times as long: memoised."""

    def lying(step: Step) -> float:
        return 1e9 if step.purpose == Purpose.AUDIT else 1e8

    history = list(PILOT)
    for number in ROUNDS:
        for step in steps_of_round(KERNEL, history, Mode((N,), 3), ROUNDS, number, CONFIG):
            launch = history[-1].launch + 1
            history += factories.launch_of(step, [lying(step)] * step.reps, launch, n=N, round=number)

    assert {s.round for s in launches(history, Purpose.AUDIT)} == {2, 3, 4}


def test_blocks_follow_each_other_and_add_up_to_all_rows():
    found = launches(play(Mode((40,), blocks=True)), Purpose.MEASURE)

    assert [(s.row0, s.rows) for s in found] == [(0, 40), (40, 40), (80, 20)]


def test_interrupted_round_is_finished_and_not_repeated():
    """Wherever a run was interrupted, the rest is what it would have been."""
    mode = Mode((5, 20), 2)
    whole = play(mode)
    for stop in range(1, whole[-1].launch):
        history = play(mode, history=play(mode, stop=stop))

        assert [(s.round, s.purpose, s.rows, s.row0, s.ns) for s in history] == [
            (s.round, s.purpose, s.rows, s.row0, s.ns) for s in whole
        ]
