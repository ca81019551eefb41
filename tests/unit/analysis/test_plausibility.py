"""Test the checks of what a kernel reports: every false report is named by its check, and no honest one is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis.plausibility import plausibility_failures
from harness.model.sample import Sample
from tests import factories

N = 100
CALL = 100e6
START = 30e6
"""Time of a launch outside its calls, in ns."""


def launch(number, purpose, reps, rows=N, call=CALL, reported=None, wall=None, cpu=None, first=None) -> list[Sample]:
    """Return a launch whose calls take `call` ns and report `reported` ns: an honest one by default."""
    times = [reported if reported is not None else call] * reps
    if first is not None:
        times[0] = first
    wall = START + reps * call if wall is None else wall
    cpu = wall if cpu is None else cpu
    return factories.launch(
        times, number, purpose=purpose, n=N, rows=rows, round=0, launch_wall_ns=int(wall), launch_cpu_ns=int(cpu)
    )


def few_rows(**pilot) -> list[Sample]:
    """Return the pilot and a start launch of a kernel: an honest one by default."""
    return launch(0, "pilot", 6, rows=10, **pilot) + launch(99, "start", 1, rows=1, reported=1e5, wall=START)


def run(**false) -> list[Sample]:
    """Return a pilot of few rows, three launches of three calls, and an audit of one call, all with `false` values."""
    samples = few_rows(**{key: value for key, value in false.items() if key == "first"})
    for number in (1, 2, 3):
        samples += launch(number, "measure", 3, **false)
    if "wall" in false:
        false = false | {"wall": START + (false["wall"] - START) / 3}
    return samples + launch(4, "audit", 1, **false)


def counted(at_work: int, looks: int = 50, number: int = 9, **reported) -> list[Sample]:
    """Return a launch whose threads were counted."""
    return [replace(s, at_work=at_work, looks=looks) for s in launch(number, "threads", 3, **reported)]


def checks(samples: list[Sample], threads: int = 1) -> list[str]:
    """Return the names of the checks that fail."""
    return [failed.check for failed in plausibility_failures(samples, N, threads)]


def test_honest_kernel_fails_no_check():
    assert checks(run()) == []


def test_kernel_that_was_not_measured_fails_no_check():
    assert checks(few_rows()) == []


# the clock


def test_slow_clock_shows_in_the_time_of_further_calls():
    samples = run(reported=CALL / 2)

    assert checks(samples) == ["clock"]
    assert (
        "takes 120 ms outside its clock that loading does not explain"
        in plausibility_failures(samples, N, 1)[0].observation
    )


def test_slow_clock_shows_beside_an_audit_of_few_rows():
    samples = run(reported=CALL / 2) + launch(5, "audit", 1, rows=3, call=3e6, reported=1.5e6)

    assert "outside its clock that loading does not explain" in plausibility_failures(samples, N, 1)[0].observation


def test_slow_clock_shows_on_a_machine_of_varying_speed():
    samples = few_rows()
    for number, slowdown in enumerate((1, 1.5, 2), 1):
        call, wall = CALL * slowdown, START + 3 * CALL * slowdown
        samples += launch(number, "measure", 3, reported=call / 2, wall=wall)
    samples += launch(4, "audit", 1, reported=CALL / 2, wall=START + CALL)

    assert checks(samples) == ["clock"]


def test_slow_clock_keeps_its_name_beside_a_disturbed_audit():
    """Launches of a clock that reports half, as they were measured in a container while both processors were busy."""
    samples = launch(0, "pilot", 6, rows=3, reported=6e6, wall=146e6, cpu=60e6)
    samples += launch(8, "start", 1, rows=1, reported=1e4, wall=100e6, cpu=50e6)
    for number, reported, wall in ((1, 337e6, 1620e6), (2, 197e6, 850e6), (3, 330e6, 1366e6)):
        samples += launch(number, "measure", 2, reported=reported, wall=wall, cpu=450e6)
    for number, reported, wall in ((4, 473e6, 1094e6), (5, 291e6, 712e6), (6, 309e6, 709e6)):
        samples += launch(number, "audit", 1, reported=reported, wall=wall, cpu=250e6)
    samples += launch(7, "audit", 1, rows=3, reported=10e6, wall=110e6, cpu=60e6)

    assert checks(samples)[0] == "clock"


def test_slow_clock_keeps_its_name_if_the_audit_was_slow():
    """The processor time of two calls is little more than that of the audit's call if the machine is slower then."""
    samples = few_rows()
    for number in (1, 2, 3):
        samples += launch(number, "measure", 2, call=400e6, reported=200e6)
    samples += launch(4, "audit", 1, call=580e6, reported=290e6)
    samples += launch(5, "audit", 1, rows=3, call=4e6, reported=2e6)

    assert checks(samples) == ["clock"]


def test_slow_clock_shows_where_the_audit_has_more_calls():
    """The launches have one call, and the audit two."""
    samples = few_rows()
    for number in (1, 2, 3):
        samples += launch(number, "measure", 1, call=2 * CALL, reported=CALL)
    samples += launch(4, "audit", 2, call=2 * CALL, reported=CALL)

    assert checks(samples) == ["clock"]


def test_slow_clock_shows_in_launches_of_two_row_counts():
    samples = launch(0, "pilot", 2, rows=2)
    for number in (1, 3, 5):
        samples += launch(number, "measure", 1, rows=2, call=0.1e9, reported=0.05e9)
        samples += launch(number + 1, "measure", 1, rows=8, call=0.4e9, reported=0.2e9)

    assert checks(samples) == ["clock"]


def test_loading_of_varying_length_is_not_held_against_a_clock():
    """Launches of python/divide-numba as they were measured: 0.6 to 1.1 s outside the clock, whatever the rows."""
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


@pytest.mark.parametrize("share", [0.9, 1.1])
def test_noise_is_not_held_against_a_clock(share):
    assert checks(run(wall=START + 3 * CALL * share)) == []


def test_work_before_the_clock_starts_is_more_than_loading():
    samples = few_rows()
    for number in (1, 2, 3):
        samples += launch(number, "measure", 3, reported=1e6, wall=START + 3 * CALL)
    samples += launch(4, "audit", 1, reported=1e6, wall=START + 3 * CALL)

    assert checks(samples) == ["untimed-work"]


@pytest.mark.parametrize(("delayed", "expected"), [(3, []), (4, ["untimed-work"])])
def test_work_outside_the_clock_is_told_by_more_than_half_of_the_launches(delayed, expected):
    """NumPy was accused because the system took half a second to clear its memory in three launches of six."""
    samples = few_rows()
    for number in range(1, 7):
        delay = 5 * CALL if number <= delayed else 0.0
        samples += launch(number, "measure", 2, wall=START + 2 * CALL + delay)
    samples += launch(7, "audit", 1, wall=START + 6 * CALL)

    assert checks(samples) == expected


# threads


@pytest.mark.parametrize(("threads", "expected"), [(1, ["threads"]), (2, [])])
def test_too_many_threads_show_in_the_processor_time(threads, expected):
    samples = few_rows()
    for number in (1, 2, 3):
        samples += launch(number, "measure", 3, cpu=START + 6 * CALL)
    samples += launch(4, "audit", 1, cpu=START + 2 * CALL)

    assert checks(samples, threads) == expected


@pytest.mark.parametrize(("at_work", "threads", "expected"), [(2, 1, ["threads"]), (2, 2, []), (1, 1, [])])
def test_too_many_threads_show_in_their_number(at_work, threads, expected):
    """Threads are counted, for the case that processor time does not show them."""
    assert checks(run() + counted(at_work), threads) == expected


def test_one_launch_with_as_many_threads_as_allowed_suffices():
    assert checks(run() + counted(2) + counted(1, number=10)) == []


def test_threads_are_not_judged_from_few_looks():
    assert checks(run() + counted(3, looks=7)) == []


def test_threads_are_not_judged_from_a_first_call():
    """A JIT's own threads work beside a first call."""
    assert checks(run() + counted(3, first=900e6, reported=20e6)) == []


@pytest.mark.parametrize(("first", "expected"), [(CALL, ["threads"]), (2 * CALL, [])])
def test_threads_beside_a_jit_are_judged_only_once_it_has_settled(first, expected):
    """The later calls take 0.55 of a launch."""
    assert checks(run() + counted(3, first=first, wall=2 * CALL / 0.55)) == expected


# calls that were not computed


def test_reported_but_skipped_call_leaves_too_little_time():
    """A launch that reports a call which it skipped takes less time outside its calls than starting takes."""
    samples = launch(9, "start", 1, rows=1, reported=1e5, wall=8 * START)
    for number in (1, 2, 3):
        samples += launch(number, "measure", 3, wall=8 * START + CALL)
    samples += launch(4, "audit", 1, wall=8 * START + CALL)

    assert checks(samples) == ["skipped-repetitions"]


def repeated(first: float, later: float, first_of_few_rows: float) -> list[Sample]:
    """Return a run whose first calls take another time than the later ones."""
    samples = few_rows()
    for number in (1, 2, 3):
        samples += launch(number, "measure", 3, first=first, reported=later, wall=START + first + 2 * later)
    samples += launch(4, "audit", 1, reported=first, wall=START + first)
    return samples + launch(5, "audit", 1, rows=3, reported=first_of_few_rows, wall=START + first_of_few_rows)


def test_later_calls_that_return_the_first_result_are_named():
    assert "skipped-repetitions" in checks(repeated(first=400e6, later=0.3e6, first_of_few_rows=12e6))


def test_jit_that_warms_up_skips_no_call():
    """A first call that compiles is slow whatever its rows."""
    assert checks(repeated(first=440e6, later=30e6, first_of_few_rows=350e6)) == []


def test_jit_that_warms_up_slowly_beside_other_work_skips_no_call():
    """Java's packed kernel on a busy machine: its first call took from 0.3 to 1.1 s, its later ones 15 ms."""
    assert checks(repeated(first=1100e6, later=15e6, first_of_few_rows=450e6)) == []


def test_product_seen_before_is_faster_than_a_new_one():
    samples = [s for s in run() if s.purpose != "audit"] + launch(4, "audit", 1, call=3 * CALL)

    assert checks(samples)[0] == "memoised-result"


def test_values_of_53_bits_that_take_longer_are_named():
    """A kernel looks at its inputs, and chooses cheaper arithmetic for dyadic ones."""
    usual = launch(7, "full-mantissa", 1)
    longer = launch(8, "full-mantissa", 1, call=2 * CALL)

    assert checks(run() + usual) == []
    assert checks(run() + longer) == ["data-dependent"]
    assert checks(run() + longer + usual) == []


def test_product_seen_before_shows_where_threads_are_counted_in_the_audit():
    """Launches of one call have no other audit."""
    samples = few_rows() + [s for number in (1, 2, 3) for s in launch(number, "measure", 1, call=10e6)]

    assert checks(samples + counted(1, call=10e6)) == []
    assert checks(samples + counted(1, call=100e6)) == ["memoised-result"]


def test_calls_that_share_one_computation_are_named():
    """A kernel reports half the time for each of two calls, and the whole time where there is only one."""
    samples = few_rows()
    for number in (1, 2, 3):
        samples += launch(number, "measure", 2, reported=CALL / 2, wall=START + CALL)
    samples += launch(4, "audit", 1, reported=CALL, wall=START + CALL)

    assert checks(samples) == ["memoised-result"]


def test_calls_that_share_one_computation_are_named_on_a_busy_machine():
    """Launches of such a kernel, as they were measured while six programs used two processors."""
    samples = launch(0, "pilot", 6, rows=2, reported=2.75e6, wall=148e6, cpu=72e6)
    samples += launch(8, "start", 1, rows=1, reported=1e4, wall=84e6, cpu=43e6)
    for number, reported, wall, cpu in ((1, 422e6, 999e6, 340e6), (2, 362e6, 865e6, 423e6), (3, 214e6, 494e6, 318e6)):
        samples += launch(number, "measure", 2, reported=reported, wall=wall, cpu=cpu)
    for number, reported, wall, cpu in ((4, 167e6, 791e6, 317e6), (5, 152e6, 710e6, 337e6), (6, 82e6, 386e6, 329e6)):
        samples += launch(number, "threads", 4, reported=reported, wall=wall, cpu=cpu)
    for number, reported, wall, cpu in (
        (9, 679e6, 780e6, 317e6),
        (10, 971e6, 1142e6, 547e6),
        (11, 313e6, 369e6, 336e6),
    ):
        samples += launch(number, "audit", 1, reported=reported, wall=wall, cpu=cpu)

    assert checks(samples) == ["skipped-repetitions"]


def test_jit_that_compiles_beside_its_first_call_shares_no_work():
    samples = few_rows()
    for number in (1, 2, 3):
        samples += launch(number, "measure", 20, first=300e6, reported=30e6, wall=START + 870e6, cpu=START + 1170e6)
    samples += launch(4, "audit", 1, reported=300e6, wall=START + 300e6, cpu=2 * (START + 510e6))

    assert checks(samples) == []


@pytest.mark.parametrize("slowdown", [0.5, 2.0])
def test_machine_of_varying_speed_is_not_held_against_a_kernel(slowdown):
    samples = few_rows()
    for number in (1, 2, 3):
        samples += launch(number, "measure", 2, call=slowdown * CALL)
    samples += launch(4, "audit", 1) + launch(5, "audit", 1, call=slowdown * CALL)

    assert checks(samples) == []


def test_one_honest_launch_does_not_clear_those_that_copied():
    samples = few_rows() + launch(1, "measure", 2)
    for number in (2, 3, 4):
        samples += launch(number, "measure", 2, call=1e6)
    samples += launch(5, "audit", 1)

    assert "memoised-result" in checks(samples)


def test_one_undisturbed_audit_clears_a_kernel():
    assert checks(run() + launch(5, "audit", 1, call=3 * CALL)) == []
