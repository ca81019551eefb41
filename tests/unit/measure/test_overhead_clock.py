"""The harness's own time between launches, by a clock that the test moves."""

from __future__ import annotations

import pytest

from harness.measure.overhead_clock import OverheadClock


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.ns = 1_000

    def __call__(self) -> int:
        return self.ns


@pytest.fixture
def clock():
    return Clock()


def test_a_gap_is_from_one_launch_to_the_next(clock):
    """The launches themselves, and the time before the first, are no gaps."""
    overhead = OverheadClock(clock)

    for gap_ns in (5, 7, 11):
        clock.ns += gap_ns
        with overhead.launch():
            clock.ns += 1_000_000

    assert overhead.gaps_ns == [7, 11]


def test_verification_is_not_part_of_a_gap(clock):
    """Its time is summed by itself."""
    overhead = OverheadClock(clock)

    for _ in range(3):
        with overhead.launch():
            clock.ns += 1_000_000
        clock.ns += 2
        with overhead.verification():
            clock.ns += 300
        clock.ns += 3

    assert overhead.gaps_ns == [5, 5]
    assert overhead.verify_ns == 900


def test_the_gap_after_a_launch_that_raises_is_recorded(clock):
    """A kernel that fails ends its launch like any other."""
    overhead = OverheadClock(clock)

    with pytest.raises(OSError), overhead.launch():
        raise OSError
    clock.ns += 4
    with overhead.launch():
        pass

    assert overhead.gaps_ns == [4]
