"""Test pilots: launches that measure the time of a row before any sample counts."""

from __future__ import annotations

import pytest

from harness.measure.pilot import MIN_PILOT_REPS, PILOT_NS, PILOT_REPS, has_costly_calls, pilot
from harness.model.sample import Step
from tests import factories


def calls(number: int, step: Step, n: int, *times_ns: float):
    return factories.launch_of(step, times_ns, number, n=n, round=0)


def test_pilot_grows_until_it_is_long_enough():
    """A pilot that took a tenth of the wanted time is repeated with ten times the rows."""
    first = Step(100, PILOT_REPS, "pilot")
    second = Step(1000, MIN_PILOT_REPS, "pilot")
    short = calls(0, first, 4096, *[PILOT_NS / 10] * PILOT_REPS)
    long = calls(1, second, 4096, *[PILOT_NS] * MIN_PILOT_REPS)

    assert pilot([], 4096, 2, hint_ns=PILOT_NS / 400, costly_calls=False) == first
    assert pilot(short, 4096, 2, 1.0, costly_calls=False) == second
    assert pilot(short + long, 4096, 2, 1.0, costly_calls=False).row_ns == pytest.approx(PILOT_NS / 1000)


def test_cost_paid_once_is_not_taken_for_that_of_rows():
    """Packing all of B for a few rows would make a kernel seem too slow to be measured whole."""
    n, history = 4096, []
    while isinstance(step := pilot(history, n, 2, hint_ns=2e6, costly_calls=True), Step):
        history += calls(len(history), step, n, *[60e6 + step.rows * 0.3e6] * step.reps)
    row_ns = step.row_ns

    assert row_ns * n == pytest.approx(60e6 + n * 0.3e6, rel=0.01)


def test_first_pilot_of_a_scalar_loop_is_short():
    """Naive C takes fifty times as long for a step at n = 4096, where it misses the caches, as in the checks."""
    assert pilot([], 4096, 1, hint_ns=1.0 * 4096**2, costly_calls=False).rows < PILOT_NS / 4096**2 / 4


def test_pilot_of_an_interpreter_is_one_call():
    """A row of the paper's Python takes ten seconds and more."""
    assert pilot([], 4096, 1, hint_ns=5e9, costly_calls=False) == Step(1, 1, "pilot")


@pytest.mark.parametrize(("first_ns", "again"), [(0.3 * PILOT_NS, None), (0.4 * PILOT_NS, PILOT_REPS)])
def test_pilot_of_medium_length_is_repeated_only_where_its_first_call_took_longer(first_ns, again):
    """Then a JIT compiler was at work; a compiled program needs no second pilot."""
    history = calls(0, Step(100, PILOT_REPS, "pilot"), 4096, first_ns, *[0.3 * PILOT_NS] * (PILOT_REPS - 1))

    assert getattr(pilot(history, 4096, 1, 1.0, costly_calls=False), "reps", None) == again


def test_long_first_pilot_is_not_repeated():
    history = calls(0, Step(2, 1, "pilot"), 4096, PILOT_NS * 8)

    assert pilot(history, 4096, 1, 1.0, costly_calls=False).row_ns == PILOT_NS * 4


def test_row_that_only_seemed_long_is_measured_again():
    """Java's fastest kernel takes 0.2 s a row while it is cold; an estimate from that would be far off."""
    first = pilot([], 4096, 2, hint_ns=2e8, costly_calls=False)
    history = calls(0, first, 4096, 4e8, *[1e7] * (first.reps - 1))

    again = pilot(history, 4096, 2, 2e8, costly_calls=False)

    assert first.rows == 2 and first.reps >= 2
    assert isinstance(again, Step) and again.rows > 2


def test_pilot_is_repeated_while_a_jit_warms_up():
    """A kernel that takes 50 ms a row at first, and 0.2 ms once it is compiled after ten rows, ends near 0.2 ms."""
    n, history = 1024, []
    while isinstance(step := pilot(history, n, 1, hint_ns=50e6, costly_calls=False), Step):
        slow_rows, times = 10, []
        for _ in range(step.reps):
            times.append(min(slow_rows, step.rows) * 50e6 + max(0, step.rows - slow_rows) * 0.2e6)
            slow_rows = max(0, slow_rows - step.rows)
        history += calls(len(history), step, n, *times)
    row_ns = step.row_ns

    assert row_ns < 0.3e6


def test_disturbed_first_call_is_no_warm_up_of_all_its_rows():
    """Each launch of a compiled loop would otherwise have as many rows as a pilot that was disturbed."""
    history = calls(0, Step(96, PILOT_REPS, "pilot"), 1024, 1.25 * PILOT_NS, *[PILOT_NS] * (PILOT_REPS - 1))

    assert pilot(history, 1024, 1, 1.0, costly_calls=False).warm_up_rows == 24


def test_call_that_a_jit_slowed_is_a_warm_up_of_all_its_rows():
    history = calls(0, Step(96, PILOT_REPS, "pilot"), 1024, 3 * PILOT_NS, *[PILOT_NS] * (PILOT_REPS - 1))

    assert pilot(history, 1024, 1, 1.0, costly_calls=False).warm_up_rows == 96


def test_pilot_gives_every_thread_the_same_rows():
    assert pilot([], 4096, 3, hint_ns=PILOT_NS / 10, costly_calls=False).rows % 3 == 0


def test_pilot_has_no_more_rows_than_the_product():
    assert pilot([], 2, 3, hint_ns=1e12, costly_calls=False).rows == 2


def test_loops_on_a_gpu_have_costly_calls():
    on_gpu = factories.kernel("x/naive", toolchain=factories.toolchain(device="gpu"))

    assert has_costly_calls(on_gpu) and not has_costly_calls(factories.kernel("x/naive"))
