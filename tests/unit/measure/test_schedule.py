"""Test the schedule: whole products or two numbers of rows, chosen by the budget alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis.estimate import estimate_time
from harness.measure.mode import LEVEL_RATIO, mode_of
from harness.measure.pilot import PILOT_REPS
from harness.measure.schedule import STARTS, next_steps, shuffled
from harness.model.config import Config
from harness.model.sample import Sample, Step
from tests import factories


def calls(number: int, step: Step, n: int, *times_ns: float) -> list[Sample]:
    return factories.launch_of(step, times_ns, number, n=n, round=0)


def play(
    config: Config, threads: int, row_ns: float, fixed_ns=0, half_width=1.0, hint_ns=None, history=()
) -> list[Sample]:
    """Return all samples of a kernel that takes `row_ns` per row and `fixed_ns` per call, from `history` on."""
    history = list(history)
    while steps := next_steps(history, config, threads, hint_ns or row_ns, lambda samples: half_width):
        for step in steps:
            ns = int(fixed_ns + row_ns * step.rows)
            history += calls(len(history), step, config.n, *[ns] * step.reps)
        assert len(history) < 1000
    return history


def measured(history: list[Sample]) -> list[Sample]:
    return [sample for sample in history if sample.purpose == "measure"]


# whole products


def test_fast_kernel_is_measured_whole():
    config = factories.config(n=100, budget_s=1)

    samples = measured(play(config, 1, row_ns=1e6))

    assert {s.rows for s in samples} == {100}
    assert len({s.launch for s in samples}) >= config.min_rounds


@pytest.mark.parametrize(("row_ns", "coverage"), [(1e6, "whole"), (1e8, "rows")])
def test_time_of_a_row_decides_between_whole_and_rows(row_ns, coverage):
    config = factories.config(n=1000, budget_s=10, min_rounds=3, rounds=5)

    assert mode_of(row_ns, config, 1).coverage == coverage


def test_precise_interval_ends_a_kernel_early():
    config = factories.config(n=100, budget_s=100, rounds=4, target=0.05)

    samples = measured(play(config, 1, row_ns=1e6, half_width=0.01))

    assert len({s.launch for s in samples}) == 4


@pytest.mark.parametrize(("outside_ns", "reps"), [(0, 5), (3e8, 30)])
def test_slow_start_is_outweighed_by_more_calls(outside_ns, reps):
    """Launches of a kernel that starts slowly compute for as long as starting takes."""
    config = factories.config(n=100, budget_s=2, rounds=40)

    assert mode_of(1e5, config, 1, outside_ns=outside_ns).reps == reps


# two numbers of rows


def test_slow_kernel_is_measured_at_two_numbers_of_rows():
    """The two numbers of rows are even for two threads, far apart, and fit the budget."""
    config = factories.config(n=4096, budget_s=8, rounds=5)

    samples = measured(play(config, 2, row_ns=1e8))

    few, many = sorted({s.rows for s in samples})
    assert many >= 3 * few and few % 2 == 0 and many % 2 == 0
    assert sum(s.ns for s in samples) <= 8e9 * 1.1
    assert many / few == pytest.approx(LEVEL_RATIO, rel=0.5)


@pytest.mark.parametrize("row_ns", [5e6, 8e6, 1e7])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_rows_of_an_estimate_are_whole_blocks_per_thread(row_ns, threads):
    """A kernel that works in blocks would seem slower on rows that do not fill them."""
    config = factories.config(n=4096, budget_s=8, rounds=5)

    few, many = mode_of(row_ns * threads, config, threads).rows

    assert all((rows / threads).is_integer() and (rows // threads).bit_count() == 1 for rows in (few, many))


@pytest.mark.parametrize(("fixed_s", "row_ns", "whole"), [(0.3, 3e6, False), (0.9, 1e5, True)])
def test_fixed_cost_that_hides_the_rows_is_outgrown(fixed_s, row_ns, whole):
    """Two and six rows that take as long, since all of B is copied first, would make an estimate of no time at all."""
    config = factories.config(n=4096, budget_s=2.5, rounds=5)
    history = play(config, 2, row_ns=row_ns, fixed_ns=fixed_s * 1e9, hint_ns=4e8)

    estimate = estimate_time(history, config.n, 100, 1)

    assert estimate.value_ns == pytest.approx(fixed_s * 1e9 + 4096 * row_ns, rel=0.01)
    assert estimate.estimated is not whole and estimate.launches >= 3


def test_very_slow_kernel_gets_its_minimum_rounds():
    """Three rounds of one and three rows are measured, whatever the budget."""
    config = factories.config(n=4096, budget_s=1, rounds=5, min_rounds=3)

    samples = measured(play(config, 1, row_ns=4e9))

    assert sorted(s.rows for s in samples) == [1, 1, 1, 3, 3, 3]


def test_estimate_has_more_calls_while_a_jit_settles():
    """Calls of an estimate go on until most of them are of compiled code."""
    config = factories.config(n=1024, budget_s=0.2, rounds=5)
    slow = calls(0, Step(2, PILOT_REPS, "pilot"), 1024, *(2 * ns for ns in (13e6, 5e6, 3e6, 3e6, 3e6, 3e6)))
    slow += calls(1, Step(30, PILOT_REPS, "pilot"), 1024, *[9e7] * PILOT_REPS)
    steady = [replace(s, ns=3_000_000 * s.rows) for s in slow]

    steps = [next_steps(history, config, 1, 3e6, lambda samples: 1.0) for history in (slow, steady)]

    measures = [{(step.rows, step.reps) for step in plan if step.purpose == "measure"} for plan in steps]
    assert measures == [{(1, 6), (4, 6)}, {(1, 2), (4, 2)}]


# --full


def test_full_measures_a_very_slow_kernel_in_blocks():
    """The blocks follow each other and add up to all rows."""
    config = factories.config(n=4096, budget_s=8, full=True)

    blocks = measured(play(config, 2, row_ns=1e9))

    assert sum(s.rows for s in blocks) == 4096
    assert [s.row0 for s in blocks] == [sum(s.rows for s in blocks[:i]) for i in range(len(blocks))]
    assert len(blocks) > 10


def test_full_measures_a_slow_kernel_once():
    config = factories.config(n=4096, budget_s=8, full=True)

    samples = measured(play(config, 2, row_ns=2e7))

    assert [s.rows for s in samples] == [4096]


# all kernels


def test_interrupted_round_is_finished_and_not_repeated():
    """Wherever a run was interrupted, the rest measures both numbers of rows equally often, and nothing twice."""
    config = factories.config(n=4096, budget_s=8, rounds=5)
    whole = play(config, 1, row_ns=1e8)
    ends = [i for i in range(1, len(whole)) if whole[i - 1].launch != whole[i].launch]  # a launch is stored whole
    for stop in ends:
        history = play(config, 1, row_ns=1e8, history=whole[:stop])

        assert [(s.purpose, s.rows) for s in history].count(("pilot", 2)) <= 1
        rows = [s.rows for s in measured(history)]
        assert len(set(rows)) == 2
        assert rows.count(min(rows)) == rows.count(max(rows))


def purposes(history: list[Sample]) -> list[str]:
    """Return the purpose of each launch."""
    return list({s.launch: s.purpose for s in history}.values())


def test_each_kernel_has_its_start_launches():
    history = play(factories.config(n=100, budget_s=1), 1, row_ns=1e6)

    assert purposes(history).count("start") == STARTS


def test_each_kernel_is_audited_on_few_and_on_all_rows():
    history = play(factories.config(n=100, budget_s=1), 1, row_ns=1e6)

    audits = {s.rows: s for s in history if s.purpose == "audit"}
    assert sorted(audits) == [3, 100] and all(s.row0 for s in audits.values())


def test_threads_are_counted_once():
    history = play(factories.config(n=100, budget_s=1), 1, row_ns=1e6)

    assert purposes(history).count("threads") == 1


def test_threads_of_a_kernel_that_may_use_all_are_not_counted():
    config = factories.config(n=100, budget_s=1)

    history = play(config, config.threads, row_ns=1e6)

    assert "threads" not in purposes(history)


def test_order_depends_on_the_seed_and_the_round():
    kernels = [factories.kernel(f"x/naive-{i}") for i in range(10)]

    assert shuffled(kernels, 1, 0) == shuffled(kernels, 1, 0)
    assert shuffled(kernels, 1, 0) != shuffled(kernels, 1, 1)
    assert shuffled(kernels, 1, 0) != shuffled(kernels, 2, 0)
    assert set(shuffled(kernels, 1, 5)) == set(kernels)
