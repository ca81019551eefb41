"""The schedule: pilots, then whole products or two row counts, by the budget and by nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis.estimate import estimate_time
from harness.measure.budget import KernelProgress, allocate_extra_rounds
from harness.measure.pilot import PILOT_NS, PILOT_REPS, pilot
from harness.measure.schedule import LEVEL_RATIO, STARTS, mode_of, next_steps, shuffled
from harness.model.kernel import Kernel, Toolchain
from harness.model.sample import Sample, Step


def sample(launch: int, step: Step, ns: int, n: int) -> Sample:
    return Sample(
        "x/naive",
        launch,
        0,
        step.reps,
        step.purpose,
        n,
        step.rows,
        step.row0,
        1,
        ns,
        "",
        "",
        ns * step.reps,
        ns * step.reps,
        0,
        0,
        0,
        0,
    )


def play(config, threads, row_ns, fixed_ns=0, half_width=lambda samples: 1.0, hint_ns=None, limit=1000):
    """Everything that is launched for a kernel that takes `row_ns` for a row."""
    history: list[Sample] = []
    while steps := next_steps(history, config, threads, hint_ns or row_ns, half_width):
        for step in steps:
            ns = int(fixed_ns + row_ns * step.rows)
            history += [replace(sample(len(history), step, ns, config.n), rep=rep) for rep in range(step.reps)]
            # samples of one launch share its number
            history[-step.reps :] = [replace(s, launch=len(history)) for s in history[-step.reps :]]
        assert len(history) < limit
    return history


def calls(launch: int, step: Step, n: int, *times_ns: float) -> list[Sample]:
    """A launch whose calls took `times_ns`."""
    assert len(times_ns) == step.reps
    return [replace(sample(launch, step, int(ns), n), rep=rep) for rep, ns in enumerate(times_ns)]


def test_a_pilot_grows_until_it_says_something():
    first = pilot([], 4096, 2, hint_ns=PILOT_NS / 400)
    assert first == Step(100, PILOT_REPS, "pilot")
    history = calls(0, first, 4096, *[PILOT_NS / 10] * PILOT_REPS)
    assert pilot(history, 4096, 2, 1.0) == Step(1000, PILOT_REPS, "pilot")
    history += calls(1, Step(1000, PILOT_REPS, "pilot"), 4096, *[PILOT_NS] * PILOT_REPS)
    assert pilot(history, 4096, 2, 1.0) == pytest.approx(PILOT_NS / 1000)


def test_pilots_tell_what_is_paid_once_from_what_each_row_costs():
    """Packing all of B for a few rows would make a kernel seem too slow to be measured whole."""
    n, history = 4096, []
    while isinstance(found := pilot(history, n, 2, hint_ns=2e6), Step):
        history += calls(len(history), found, n, *[60e6 + found.rows * 0.3e6] * found.reps)
    assert found * n == pytest.approx(60e6 + n * 0.3e6, rel=0.01)


def test_the_first_pilot_of_a_scalar_loop_is_short_since_it_may_miss_the_caches():
    """Naive C takes fifty times as long for a step at n = 4096 as it takes in the checks."""
    assert pilot([], 4096, 1, hint_ns=1.0 * 4096**2).rows < PILOT_NS / 4096**2 / 4
    history = calls(0, Step(2, 1, "pilot"), 4096, PILOT_NS * 8)
    assert pilot(history, 4096, 1, 1.0) == PILOT_NS * 4  # long enough: no more of it


def test_a_row_that_only_seemed_long_is_measured_as_the_short_one_that_it_becomes():
    """Java's fastest kernel takes 0.2 s a row while it is cold: an estimate from that is one of nothing."""
    first = pilot([], 4096, 2, hint_ns=2e8)
    assert first.rows == 2 and first.reps >= 2
    history = calls(0, first, 4096, 4e8, *[1e7] * (first.reps - 1))
    assert isinstance(again := pilot(history, 4096, 2, 2e8), Step) and again.rows > 2


def test_a_pilot_is_repeated_with_more_rows_while_a_jit_still_warms_up():
    n, history = 1024, []
    while isinstance(found := pilot(history, n, 1, hint_ns=50e6), Step):
        slow, times = 10, []  # 50 ms a row at first, 0.2 ms once compiled, after half a second
        for _ in range(found.reps):
            times.append(min(slow, found.rows) * 50e6 + max(0, found.rows - slow) * 0.2e6)
            slow = max(0, slow - found.rows)
        history += calls(len(history), found, n, *times)
    assert found < 0.3e6


def test_a_pilot_of_a_threaded_kernel_gives_every_thread_the_same_rows():
    assert pilot([], 4096, 3, hint_ns=PILOT_NS / 10).rows % 3 == 0
    assert pilot([], 2, 3, hint_ns=1e12).rows == 2


def test_a_fast_kernel_is_measured_whole(config):
    history = play(replace(config, n=100, budget_s=1), 1, row_ns=1e6)
    measured = [s for s in history if s.purpose == "measure"]
    assert {s.rows for s in measured} == {100}
    assert len({s.launch for s in measured}) >= config.min_rounds


def test_a_slow_kernel_is_measured_at_two_row_counts_within_its_budget(config):
    config = replace(config, n=4096, budget_s=8, rounds=5)
    history = [s for s in play(config, 2, row_ns=1e8) if s.purpose == "measure"]
    few, many = sorted({s.rows for s in history})
    assert many >= 3 * few and few % 2 == 0 and many % 2 == 0
    assert sum(s.ns for s in history) <= 8e9 * 1.1
    assert many / few == pytest.approx(LEVEL_RATIO, rel=0.5)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_rows_of_an_estimate_are_whole_blocks_for_every_thread(config, threads):
    """A kernel that works in blocks would seem slower on rows that do not fill them."""
    config = replace(config, n=4096, budget_s=8, rounds=5)
    for row_ns in (5e6, 8e6, 1e7):
        few, many = mode_of(row_ns * threads, config, threads).rows
        assert all((rows / threads).is_integer() and (rows // threads).bit_count() == 1 for rows in (few, many))


@pytest.mark.parametrize(("fixed_s", "row_ns", "whole"), [(0.3, 3e6, False), (0.9, 1e5, True)])
def test_a_cost_that_hides_the_rows_is_outgrown(config, fixed_s, row_ns, whole):
    """Two and six rows that take as long, since all of B is copied first, would make an estimate of no time at all."""
    config = replace(config, n=4096, budget_s=2.5, rounds=5)
    history = play(config, 2, row_ns=row_ns, fixed_ns=fixed_s * 1e9, hint_ns=4e8)
    estimate = estimate_time(history, config.n, 100, 1)
    assert estimate.value_ns == pytest.approx(fixed_s * 1e9 + 4096 * row_ns, rel=0.01)
    assert estimate.estimated is not whole and estimate.launches >= 3


def test_a_very_slow_kernel_gets_its_three_rounds_whatever_the_budget(config):
    config = replace(config, n=4096, budget_s=1, rounds=5, min_rounds=3)
    history = [s for s in play(config, 1, row_ns=4e9) if s.purpose == "measure"]
    assert sorted(s.rows for s in history) == [1, 1, 1, 3, 3, 3]


def test_a_narrow_interval_ends_a_kernel_early(config):
    config = replace(config, n=100, budget_s=100, rounds=4, target=0.05)
    narrow = play(config, 1, row_ns=1e6, half_width=lambda samples: 0.01)
    assert len({s.launch for s in narrow if s.purpose == "measure"}) == 4


def test_full_measures_all_rows_and_a_very_slow_kernel_in_blocks_that_add_up(config):
    config = replace(config, n=4096, budget_s=8, full=True)
    blocks = [s for s in play(config, 2, row_ns=1e9) if s.purpose == "measure"]
    assert sum(s.rows for s in blocks) == 4096
    assert [s.row0 for s in blocks] == [sum(s.rows for s in blocks[:i]) for i in range(len(blocks))]
    assert len(blocks) > 10
    once = [s for s in play(config, 2, row_ns=2e7) if s.purpose == "measure"]
    assert [s.rows for s in once] == [4096]


def test_a_torn_round_is_finished_and_nothing_measured_twice(config):
    config = replace(config, n=4096, budget_s=8, rounds=5)
    whole = play(config, 1, row_ns=1e8)
    ends = [i for i in range(1, len(whole)) if whole[i - 1].launch != whole[i].launch]  # a launch is stored whole
    for stop in ends:
        history = whole[:stop]
        while steps := next_steps(history, config, 1, 1e8, lambda samples: 1.0):
            for step in steps:
                launch = sample(len(history) + 1, step, int(1e8 * step.rows), config.n)
                history = history + [replace(launch, rep=rep) for rep in range(step.reps)]
        assert [(s.purpose, s.rows) for s in history].count(("pilot", 2)) <= 1
        measured = [s.rows for s in history if s.purpose == "measure"]
        assert len(set(measured)) == 2
        assert measured.count(min(measured)) == measured.count(max(measured))


def test_whole_or_rows_is_decided_by_the_time_alone(config):
    config = replace(config, n=1000, budget_s=10, min_rounds=3, rounds=5)
    assert mode_of(1e6, config, 1).kind == "whole"
    assert mode_of(1e8, config, 1).kind == "rows"


def test_calls_of_an_estimate_go_on_until_most_of_them_are_of_a_settled_jit(config):
    config = replace(config, n=1024, budget_s=0.2, rounds=5)
    slow = calls(0, Step(2, PILOT_REPS, "pilot"), 1024, *(2 * ns for ns in (13e6, 5e6, 3e6, 3e6, 3e6, 3e6)))
    slow += calls(1, Step(30, PILOT_REPS, "pilot"), 1024, *[9e7] * PILOT_REPS)
    steady = [replace(s, ns=3_000_000 * s.rows) for s in slow]
    steps = [next_steps(history, config, 1, 3e6, lambda samples: 1.0) for history in (slow, steady)]
    measures = [[step for step in found if step.purpose == "measure"] for found in steps]
    assert [{(step.rows, step.reps) for step in found} for found in measures] == [{(1, 6), (4, 6)}, {(1, 2), (4, 2)}]


def kernel(name: str) -> Kernel:
    toolchain = Toolchain("x", (), (), (), "true")
    return Kernel("x", "X", name, None, "", (), (), "", "", toolchain, False, (), "naive")


def test_the_order_is_shuffled_by_the_seed_and_differs_between_rounds():
    kernels = [kernel(f"naive-{i}") for i in range(10)]
    assert shuffled(kernels, 1, 0) == shuffled(kernels, 1, 0)
    assert shuffled(kernels, 1, 0) != shuffled(kernels, 1, 1)
    assert shuffled(kernels, 1, 0) != shuffled(kernels, 2, 0)
    assert set(shuffled(kernels, 1, 5)) == set(kernels)


def progress(
    name: str, spent_s: float, half_width: float, undecided_against: tuple[str, ...] = (), rounds: int = 10
) -> KernelProgress:
    return KernelProgress(name, rounds, int(spent_s * 1e9), half_width, undecided_against)


def test_what_early_kernels_leave_goes_to_the_widest_interval(config):
    config = replace(config, budget_s=2, target=0.02)
    early, wide, wider = progress("a", 0.5, 0.01), progress("b", 2, 0.05), progress("c", 2, 0.3)
    assert allocate_extra_rounds([early, wide, wider], config) == {"b": 11, "c": 11}
    nearly_all = progress("a", 1.75, 0.01)
    assert allocate_extra_rounds([nearly_all, wide, wider], config) == {"c": 11}


def test_a_kernel_whose_order_is_open_gets_it_first_and_with_its_rival(config):
    config = replace(config, budget_s=2, target=0.02)
    kernels = [
        progress("a", 1.55, 0.01),
        progress("b", 2, 0.01, undecided_against=("c",)),
        progress("c", 2, 0.01, undecided_against=("b",)),
        progress("d", 2, 0.5),
    ]
    assert allocate_extra_rounds(kernels, config) == {"b": 11, "c": 11}


def test_a_slow_baseline_gets_five_rounds_before_anyone_else_gets_more(config):
    config = replace(config, budget_s=2, rounds=40, target=0.02, min_rounds=3, baseline="b")
    kernels = [progress("a", 1, 0.01) for _ in range(20)] + [progress("c", 2, 0.9)]
    slow = progress("b", 24, 0.5, rounds=3)
    assert allocate_extra_rounds([*kernels, slow], config) == {"b": 4, "c": 11}
    assert allocate_extra_rounds([*kernels, replace(slow, rounds=4, spent_ns=int(32e9))], config) == {"b": 5, "c": 11}
    assert allocate_extra_rounds([*kernels, replace(slow, rounds=5, spent_ns=int(40e9))], config) == {"c": 11}
    assert allocate_extra_rounds([*kernels, replace(slow, half_width=0.02)], config) == {"c": 11}
    # no more than others left: a second each of seven does not pay for a round of eight
    assert allocate_extra_rounds([*kernels[:7], slow], config) == {}


def test_nothing_is_granted_from_nothing_nor_for_ever_nor_with_full(config):
    config = replace(config, budget_s=2, target=0.02, min_rounds=3)
    assert allocate_extra_rounds([progress("a", 2, 0.5), progress("b", 2, 0.5)], config) == {}
    slow = progress("b", 60, 0.5, rounds=3)  # its least rounds took more than the budget: nobody else pays for it
    assert allocate_extra_rounds([progress("a", 1, 0.01), slow], config) == {}
    assert allocate_extra_rounds([progress("a", 0.1, 0.01), progress("b", 9.9, 0.5)], config) == {}
    assert allocate_extra_rounds([progress("a", 0.1, 0.01), progress("b", 2, 0.5)], replace(config, full=True)) == {}


def test_what_was_granted_is_not_granted_again(config):
    config = replace(config, budget_s=2, target=0.02)
    kernels, granted = [progress("a", 1, 0.01), progress("b", 2, 0.5)], 0
    while more := allocate_extra_rounds(kernels, config):
        kernels[1] = replace(kernels[1], rounds=more["b"], spent_ns=int(2e8 * more["b"]))
        granted += 1
    assert granted == 5  # the second that "a" left, in rounds of 0.2 s


def test_each_kernel_is_started_alone_twice_and_audited_once(config):
    history = play(replace(config, n=100, budget_s=1), 1, row_ns=1e6)
    launches = {s.launch: s.purpose for s in history}
    assert list(launches.values()).count("start") == STARTS
    audits = {s.rows: s for s in history if s.purpose == "audit"}
    assert sorted(audits) == [3, 100] and all(s.row0 for s in audits.values())
    assert list(launches.values()).count("threads") == 1
    of_all_threads = play(replace(config, n=100, budget_s=1), config.threads, row_ns=1e6)
    assert "threads" not in {s.purpose for s in of_all_threads}


def test_launches_of_a_kernel_that_starts_slowly_compute_for_as_long_as_starting_takes(config):
    config = replace(config, n=100, budget_s=2, rounds=40)
    assert mode_of(1e5, config, 1).reps == 5
    assert mode_of(1e5, config, 1, outside_ns=3e8).reps == 30
