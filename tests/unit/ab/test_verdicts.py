"""Test verdicts on simulated launches: how often equal commands are called different, and what the control tells."""

from __future__ import annotations

import numpy as np
import pytest

from harness.ab.verdicts import Launches, judge
from harness.analysis.compare import Verdict
from tests import factories

TIME_NS = 2e7


def launches(times_ns, **fields: object) -> Launches:
    """Return launches that took these times, in rounds 0, 1, ..."""
    return {
        number: factories.job_result(**({"wall_ns": int(time), "user_ns": int(0.9 * time)} | fields))
        for number, time in enumerate(times_ns)
    }


def simulated(random: np.random.Generator, rounds: int, ratios: tuple[float, ...]) -> list[Launches]:
    """Return the launches of commands that take so many times TIME_NS, with a drift that they share and heavy tails."""
    drift = np.exp(np.cumsum(random.normal(0, 0.02, rounds)))
    return [launches(TIME_NS * ratio * drift * np.exp(0.01 * random.standard_t(4, rounds))) for ratio in ratios]


@pytest.mark.parametrize(("rounds", "commands"), [(6, 1), (12, 1), (30, 1), (12, 4)])
def test_equal_commands_are_seldom_called_different(rounds, commands):
    """In 5% of the runs at most, however many commands are compared; the control alarms in 1%."""
    random = np.random.default_rng(rounds + commands)
    alarms = untrusted = 0
    for _ in range(400):
        first, again, *others = simulated(random, rounds, (1,) * (commands + 2))
        found = judge(first, again, others)
        alarms += any(difference.verdict != Verdict.SAME for difference in found.differences)
        untrusted += not found.trusted

    assert alarms <= 400 * 0.05 + 9  # two standard deviations of a count of 20
    assert untrusted <= 400 * 0.01 + 5


def test_a_slower_and_a_faster_command_are_called_so():
    first, again, *others = simulated(np.random.default_rng(1), 20, (1, 1, 1.1, 0.9))

    found = judge(first, again, others)

    assert [difference.verdict for difference in found.differences] == [Verdict.SLOWER, Verdict.FASTER]
    assert found.differences[0].time.low < 1.1 < found.differences[0].time.high
    assert found.trusted


def test_a_control_that_differs_makes_a_run_untrustworthy():
    first, again, other = simulated(np.random.default_rng(2), 20, (1, 1.05, 1))

    found = judge(first, again, [other])

    assert not found.trusted and found.control.low > 1


def test_a_regression_is_slower_by_more_than_the_limit_with_its_whole_interval():
    first, again, *others = simulated(np.random.default_rng(3), 30, (1, 1, 1.2, 1.04, 0.5))

    found = judge(first, again, others)

    assert (found.regressions(5), found.regressions(0)) == ((0,), (0, 1))
    time = found.differences[0].time
    assert found.regressions(100 * ((time.low + time.value) / 2 - 1)) == ()


def test_processor_time_and_memory_have_ratios_of_their_own():
    times = [TIME_NS, 1.01 * TIME_NS] * 4
    first, again = launches(times), launches(times)
    other = launches(times, user_ns=10**7, system_ns=2 * 10**7, peak_rss_bytes=3 * 2**20)

    [found] = judge(first, again, [other]).differences

    assert found.verdict == Verdict.SAME
    assert found.cpu.value == pytest.approx(3e7 / (0.9 * 1.005 * TIME_NS), rel=0.01)
    assert found.peak_rss == 3


def test_figures_are_those_of_the_launches():
    first, again = launches([TIME_NS] * 6, peak_rss_bytes=5), launches([2 * TIME_NS] * 6)

    figures = judge(first, again, [again]).figures[0]

    assert figures.time_s.value == pytest.approx(0.02) and figures.cpu_s.value == pytest.approx(0.018)
    assert figures.peak_rss_bytes == 5


def test_no_processor_time_has_no_ratio():
    first = launches([TIME_NS] * 6, user_ns=0)

    found = judge(first, first, [first])

    assert (found.figures[0].cpu_s, found.differences[0].cpu) == (None, None)
