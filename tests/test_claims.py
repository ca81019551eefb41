"""What a kernel says of itself against what its launches took: each lie by the name of its check, no honest one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis.plausibility import plausibility_failures
from harness.model.sample import Sample

N = 100
CALL = 100e6
START = 30e6
"""What a launch takes beside its calls, in ns."""


def launch(number, purpose, reps, rows=N, call=CALL, said=None, wall=None, cpu=None, first=None) -> list[Sample]:
    """A launch whose calls take `call`, and say `said`; by default honest."""
    says = [said if said is not None else call] * reps
    if first is not None:
        says[0] = first
    wall = START + reps * call if wall is None else wall
    cpu = wall if cpu is None else cpu
    return [
        Sample("x/naive", number, rep, reps, purpose, N, rows, 0, 1, int(ns), "", "", int(wall), int(cpu), 0, 0, 0, 0)
        for rep, ns in enumerate(says)
    ]


def run(**lie) -> list[Sample]:
    """A pilot of few rows, three launches of three calls, and an audit of one; `lie` is in all of them."""
    samples = launch(0, "pilot", 6, rows=10, **{key: value for key, value in lie.items() if key == "first"})
    for number in (1, 2, 3):
        samples += launch(number, "measure", 3, **lie)
    if "wall" in lie:
        lie = lie | {"wall": START + (lie["wall"] - START) / 3}
    return samples + launch(4, "audit", 1, **lie)


def checks(samples: list[Sample], threads: int = 1) -> list[str]:
    return [doubt.check for doubt in plausibility_failures(samples, N, threads)]


def test_an_honest_kernel_is_not_doubted():
    assert checks(run()) == []


def test_a_kernel_that_was_not_measured_yet_is_not_doubted():
    assert checks(launch(0, "pilot", 6, rows=10)) == []


def test_a_clock_that_runs_slow_is_seen_in_what_further_calls_take():
    samples = run(said=CALL / 2)
    assert checks(samples) == ["clock"]
    assert (
        "takes 90 ms outside its clock that loading does not explain"
        in plausibility_failures(samples, N, 1)[0].observation
    )
    few = launch(5, "audit", 1, rows=3, call=3e6, said=1.5e6)
    assert (
        "outside its clock that loading does not explain" in plausibility_failures(samples + few, N, 1)[0].observation
    )


def test_a_slow_clock_is_seen_on_a_machine_that_is_now_slow_and_now_fast():
    samples = launch(0, "pilot", 6, rows=10)
    for number, speed in enumerate((1, 1.5, 2), 1):
        call, wall = CALL * speed, START + 3 * CALL * speed
        samples += launch(number, "measure", 3, said=call / 2, wall=wall)
    assert checks(samples + launch(4, "audit", 1, said=CALL / 2, wall=START + CALL)) == ["clock"]


def test_a_slow_clock_keeps_its_name_where_an_audit_is_held_up_by_other_work():
    """Launches of a clock that says half, in a container, as they were seen while both processors were busy."""
    samples = launch(0, "pilot", 6, rows=3, said=6e6, wall=146e6, cpu=60e6)
    for number, said, wall in ((1, 337e6, 1620e6), (2, 197e6, 850e6), (3, 330e6, 1366e6)):
        samples += launch(number, "measure", 2, said=said, wall=wall, cpu=450e6)
    for number, said, wall in ((4, 473e6, 1094e6), (5, 291e6, 712e6), (6, 309e6, 709e6)):
        samples += launch(number, "audit", 1, said=said, wall=wall, cpu=250e6)
    samples += launch(7, "audit", 1, rows=3, said=10e6, wall=110e6, cpu=60e6)
    assert checks(samples)[0] == "clock"


def test_a_repetition_that_was_reported_and_not_computed_leaves_less_time_than_starting_takes():
    samples = launch(0, "pilot", 6, rows=10) + launch(9, "start", 1, rows=1, said=1e5, wall=8 * START)
    for number in (1, 2, 3):
        samples += launch(number, "measure", 3, wall=8 * START + CALL)
    samples += launch(4, "audit", 1, wall=8 * START + CALL)
    assert checks(samples) == ["skipped-repetitions"]


def test_more_threads_than_allowed_are_seen_in_the_processor_time():
    samples = launch(0, "pilot", 6, rows=10)
    for number in (1, 2, 3):
        samples += launch(number, "measure", 3, cpu=START + 6 * CALL)
    samples += launch(4, "audit", 1, cpu=START + 2 * CALL)
    assert checks(samples) == ["threads"]
    assert checks(samples, threads=2) == []


def counted(at_work: int, looks: int = 50, **told) -> list[Sample]:
    return [replace(s, at_work=at_work, looks=looks) for s in launch(9, "threads", 3, **told)]


def test_more_threads_than_allowed_are_seen_by_their_number_where_processor_time_does_not_tell():
    assert checks(run() + counted(2)) == ["threads"]
    assert checks(run() + counted(2), threads=2) == []
    assert checks(run() + counted(1)) == []
    assert checks(run() + counted(2) + [replace(s, launch=10) for s in counted(1)]) == []


def test_threads_are_not_held_against_a_launch_that_says_little_of_its_calls():
    assert checks(run() + counted(3, looks=7)) == []
    assert checks(run() + counted(3, first=900e6, said=20e6)) == []  # a JIT's threads work beside a first call


def test_what_is_computed_before_the_clock_starts_is_more_than_loading():
    samples = launch(0, "pilot", 6, rows=10)
    for number in (1, 2, 3):
        samples += launch(number, "measure", 3, said=1e6, wall=START + 3 * CALL)
    samples += launch(4, "audit", 1, said=1e6, wall=START + 3 * CALL)
    assert checks(samples) == ["untimed-work"]


def test_a_product_that_it_had_seen_before_is_faster_than_one_that_it_had_not():
    samples = run()
    samples = [s for s in samples if s.purpose != "audit"] + launch(4, "audit", 1, call=3 * CALL)
    assert checks(samples)[0] == "memoised-result"


def test_calls_that_share_one_computation_are_faster_than_one_call_alone():
    """It says half the time for each of two calls, and the whole time where it is asked for one."""
    samples = launch(0, "pilot", 6, rows=10)
    for number in (1, 2, 3):
        samples += launch(number, "measure", 2, said=CALL / 2, wall=START + CALL)
    samples += launch(4, "audit", 1, said=CALL, wall=START + CALL)
    assert checks(samples) == ["memoised-result"]


@pytest.mark.parametrize("slower", [0.5, 2.0])
def test_a_machine_that_is_slower_for_some_launches_does_not_look_like_a_lie(slower):
    samples = launch(0, "pilot", 6, rows=10)
    for number in (1, 2, 3):
        samples += launch(number, "measure", 2, call=slower * CALL)
    samples += launch(4, "audit", 1) + launch(5, "audit", 1, call=slower * CALL)
    assert checks(samples) == []


def test_one_launch_that_computed_does_not_clear_those_that_copied():
    samples = launch(0, "pilot", 6, rows=10) + launch(1, "measure", 2)
    for number in (2, 3, 4):
        samples += launch(number, "measure", 2, call=1e6)
    assert "memoised-result" in checks(samples + launch(5, "audit", 1))


def test_repetitions_that_return_what_the_first_one_computed_are_told_from_a_jit_that_warms_up():
    def launches(first: float, later: float, first_of_few: float) -> list[Sample]:
        samples = launch(0, "pilot", 6, rows=10)
        for number in (1, 2, 3):
            samples += launch(number, "measure", 3, first=first, said=later, wall=START + first + 2 * later)
        few = launch(5, "audit", 1, rows=3, said=first_of_few, wall=START + first_of_few)
        return samples + launch(4, "audit", 1, said=first, wall=START + first) + few

    assert "skipped-repetitions" in checks(launches(first=400e6, later=0.3e6, first_of_few=12e6))
    assert checks(launches(first=440e6, later=30e6, first_of_few=350e6)) == []


def test_one_audit_that_was_undisturbed_clears_a_kernel():
    samples = run() + launch(5, "audit", 1, call=3 * CALL)
    assert checks(samples) == []


@pytest.mark.parametrize("share", [0.9, 1.1])
def test_what_noise_can_do_is_not_held_against_a_kernel(share):
    assert checks(run(wall=START + 3 * CALL * share)) == []


def test_a_slow_kernel_of_two_row_counts_is_held_to_its_clock_too():
    samples = launch(0, "pilot", 2, rows=2)
    for number in (1, 3, 5):
        samples += launch(number, "measure", 1, rows=2, call=0.1e9, said=0.05e9)
        samples += launch(number + 1, "measure", 1, rows=8, call=0.4e9, said=0.2e9)
    assert checks(samples) == ["clock"]


def test_loading_that_takes_now_longer_and_now_shorter_says_nothing_of_a_clock():
    """Launches of python/divide-numba, as they were seen: 0.6 to 1.1 s outside the clock, whatever the rows."""
    samples = launch(0, "pilot", 6, rows=2, call=14e6, wall=1120e6)
    for number, rows, call, wall in (
        (1, 16, 56e6, 820e6),
        (2, 64, 182e6, 1430e6),
        (3, 16, 72e6, 845e6),
        (4, 64, 198e6, 1153e6),
        (5, 16, 56e6, 705e6),
        (6, 64, 165e6, 1175e6),
    ):
        samples += launch(number, "measure", 2, rows=rows, call=call, wall=wall, cpu=1.3 * wall)
    assert checks(samples, threads=2) == []
