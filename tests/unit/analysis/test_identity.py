"""Test the factors from a speed-up on one machine to that on another."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.analysis.identity import SpeedUp, identity_of
from harness.model.result import Rate
from tests.factories import peak, timed_row

SECONDS = st.floats(1e-6, 1e9)
GFLOPS = st.floats(1e-3, 1e6)
SIZES = st.integers(1, 32_768)


def rate(n: int, seconds: float) -> float:
    return 2.0 * n**3 / seconds / 1e9


@settings(database=None)
@given(
    there_s=st.tuples(SECONDS, SECONDS), here_s=st.tuples(SECONDS, SECONDS), peaks=st.tuples(GFLOPS, GFLOPS), n=SIZES
)
def test_factors_lead_exactly_from_one_speed_up_to_the_other(there_s, here_s, peaks, n):
    """At any n here, beside n = 4096 there: all factors are of rates."""
    slow, fast = (rate(4096, seconds) for seconds in there_s)
    there = SpeedUp(slow, peaks[0], fast / peaks[0])
    baseline, fastest = (timed_row("x/naive", seconds, n=n, rate=Rate(rate(n, seconds))) for seconds in here_s)

    found = identity_of(there, baseline, fastest, peak({1: peaks[1]}), here_s[0] / here_s[1])

    assert there.times == pytest.approx(there_s[0] / there_s[1])
    assert there.times * found.baseline * found.peak * found.share == pytest.approx(here_s[0] / here_s[1])
    assert found.remainder == pytest.approx(1)


def test_peak_is_that_of_the_threads_of_the_fast_kernel():
    rows = [timed_row("x/naive", 10, rate=Rate(1.0)), timed_row("x/packed", 1, rate=Rate(50.0), threads=2)]

    found = identity_of(SpeedUp(1, 100, 0.5), *rows, peak({1: 60.0, 2: 100.0}), 50.0)

    assert found.here == SpeedUp(1.0, 100.0, 0.5)


@pytest.mark.parametrize("measured", [None, peak({}), peak({2: 100.0})])
def test_no_identity_without_a_peak_of_its_threads(measured):
    rows = [timed_row("x/naive", 10, rate=Rate(1.0)), timed_row("x/packed", 1, rate=Rate(50.0))]

    assert identity_of(SpeedUp(1, 100, 0.5), *rows, measured, 50.0) is None
