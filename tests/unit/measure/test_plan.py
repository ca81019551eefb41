"""Test the plan of a run: which kernels have how many rounds, and which stand beside each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.measure.effort import SCALES
from harness.measure.pilot import Pace
from harness.measure.plan import FirstRound, first_round_of, plan_all_rounds, plan_first_round, spread
from harness.model.config import Effort
from tests import factories

NAMES = ["x/naive", "x/interchange", "c/parallel", "c/divide", "c/packed", "d/packed", "e/packed", "c/library-a"]
KERNELS = [factories.kernel(name) for name in NAMES]
SECONDS = {
    "x/naive": 9000,
    "x/interchange": 300,
    "c/parallel": 40,
    "c/divide": 4.5,
    "c/packed": 2.0,
    "d/packed": 2.1,
    "e/packed": 2.4,
    "c/library-a": 1.9,
}
HINTS = dict.fromkeys(NAMES, 1e12)


def config(**fields):
    return factories.config(**({"n": 4096, "effort": Effort.DEFAULT, "rounds": 12, "baseline": "x/naive"} | fields))


def planned(seconds=SECONDS, wall_s=5.0, spent_s=0.0, **fields):
    """Return the plan of all rounds, where each launch takes `wall_s`."""
    settings = config(**fields)
    first = plan_first_round(KERNELS, {name: Pace(s * 1e9 / 4096) for name, s in seconds.items()}, HINTS, settings)
    whole_ns = {name: seconds[name] * 1e9 for name, mode in first.modes.items() if mode.rows == (4096,)}
    return plan_all_rounds(first, KERNELS, FirstRound(whole_ns, dict.fromkeys(NAMES, wall_s), spent_s), settings)


def counts(plan) -> dict[str, int]:
    return {name: len(rounds) for name, rounds in plan.rounds.items()}


def test_kernels_that_decide_the_headline_have_all_rounds():
    found = counts(planned())

    leading = ["x/naive", "x/interchange", "c/packed", "d/packed", "e/packed"]
    assert {name: found[name] for name in leading} == dict.fromkeys(leading, 12)


def test_more_rounds_are_those_of_the_headline_alone():
    found = counts(planned(rounds=40, wall_s=1.0))

    assert found["x/naive"] == found["c/packed"] == 40 and found["x/interchange"] == 12


def test_libraries_have_six_rounds_and_others_four():
    found = counts(planned())

    assert found["c/library-a"] == 6 and found["c/divide"] == found["c/parallel"] == 4


def test_a_rung_by_another_toolchain_has_its_rounds_and_decides_nothing():
    """Even where it is faster than all others."""
    kernels = [*KERNELS, factories.kernel("c/packed@clang"), factories.kernel("x/naive@two")]
    seconds = SECONDS | {"c/packed@clang": 1.0, "x/naive@two": 8000}
    settings, hints = config(), dict.fromkeys(seconds, 1e12)
    first = plan_first_round(kernels, {name: Pace(s * 1e9 / 4096) for name, s in seconds.items()}, hints, settings)
    whole_ns = {name: seconds[name] * 1e9 for name, mode in first.modes.items() if mode.rows == (4096,)}

    found = plan_all_rounds(first, kernels, FirstRound(whole_ns, dict.fromkeys(seconds, 1.0), 0), settings)

    assert found.fastest == "c/packed"
    assert found.rounds["c/packed@clang"] == found.rounds["c/packed"]
    assert found.rounds["x/naive@two"] == found.rounds["x/naive"]


def test_library_is_no_candidate():
    assert planned().fastest == "c/packed"


def test_candidates_are_the_fastest_of_the_first_round_not_of_the_pilots():
    """A pilot on few rows misjudges a kernel that packs all of B first."""
    settings = config()
    first = plan_first_round(KERNELS, {name: Pace(s * 1e9 / 4096) for name, s in SECONDS.items()}, HINTS, settings)
    measured = {"c/divide": 1e9, "c/packed": 3e9, "d/packed": 2e9, "e/packed": 4e9}

    found = plan_all_rounds(first, KERNELS, FirstRound(measured, dict.fromkeys(NAMES, 1.0), 0), settings)

    assert found.fastest == "c/divide" and counts(found)["e/packed"] == 6


def test_slow_candidates_are_measured_whole_up_to_a_minute():
    """On a slow machine packed kernels take longer than what is otherwise measured whole."""
    slow = {name: s * 20 for name, s in SECONDS.items()}

    found = planned(slow)

    assert found.fastest == "c/packed" and found.modes["c/packed"].rows == (4096,)
    assert found.modes["c/library-a"].rows != (4096,)


def test_kernel_far_behind_the_fastest_is_no_candidate():
    """A run of three kernels at small n would measure naive Python whole in every round."""
    kernels = [factories.kernel(name) for name in ("c/naive", "python/naive")]
    paces = {"c/naive": Pace(3.7e9 / 1024), "python/naive": Pace(48e9 / 1024)}

    found = plan_first_round(kernels, paces, {}, factories.config(n=1024))

    assert found.fastest == "c/naive" and found.modes["python/naive"].rows != (1024,)


def test_without_a_kernel_that_can_be_measured_whole_there_is_no_candidate():
    assert planned({name: s * 1000 for name, s in SECONDS.items()}).fastest is None


def test_every_kernel_is_launched_in_the_first_round_and_in_none_twice():
    found = planned()

    assert all(rounds[0] == 1 and len(set(rounds)) == len(rounds) for rounds in found.rounds.values())


def test_fastest_comes_directly_after_the_baseline_in_every_round():
    found = planned()
    for number in range(1, 13):
        order = [kernel.id for kernel in found.in_round(KERNELS, number, 1, "x/naive")]
        assert order[order.index("x/naive") + 1] == "c/packed"


def test_order_depends_on_the_seed_and_the_round():
    found = planned()

    def order(number: int, seed: int) -> list[str]:
        return [kernel.id for kernel in found.in_round(KERNELS, number, seed, "x/naive")]

    assert order(1, 1) == order(1, 1)
    assert order(1, 1) != order(1, 2)
    assert set(order(1, 1)) == set(NAMES)


def test_middle_rungs_lose_rounds_where_time_is_short_and_the_headline_none():
    limit_s = SCALES[Effort.DEFAULT].limit_s

    found = planned(wall_s=10.0, spent_s=limit_s - 600)

    assert counts(found)["c/packed"] == counts(found)["x/naive"] == 12
    assert counts(found)["c/divide"] == 2 and counts(found)["c/library-a"] == 3
    assert found.wanted_s > 0


def test_middle_rungs_whose_rounds_are_short_keep_three():
    found = planned(wall_s=2.0, spent_s=SCALES[Effort.DEFAULT].limit_s)

    assert counts(found)["c/divide"] == 3


def test_rounds_are_as_the_user_says_but_others_get_no_more_than_theirs():
    found = counts(planned(rounds=3))

    assert set(found.values()) == {3}
    assert counts(planned(rounds=40, wall_s=1.0))["c/divide"] == 4


def test_full_measures_a_slow_kernel_once():
    assert counts(planned(wall_s=100.0, full=True))["x/interchange"] == 1


def test_kernels_of_one_rung_share_their_rounds():
    found = planned({**SECONDS, "c/divide": 2.0}, effort=Effort.DEFAULT)
    packed = [rounds for name, rounds in found.rounds.items() if name.endswith("/packed") and len(rounds) == 6]

    assert len(set(packed)) <= 1


@pytest.mark.parametrize("rounds", [2, 3, 6, 12, 24, 47])
@pytest.mark.parametrize("shift", range(10))
def test_spread_rounds_are_distinct_and_within_the_run(rounds, shift):
    for count in range(1, rounds + 1):
        found = spread(count, rounds, shift)
        assert len(set(found)) == count and list(found) == sorted(found)
        assert found[0] == 1 and found[-1] <= rounds


def test_first_round_is_read_from_its_samples_only():
    """What comes later does not change the plan, so that an interrupted run continues as planned."""
    early = factories.launch([9e9, 2e9], 0, round=1, n=4096)
    late = factories.launch([9e9, 7e9], 1, round=2, n=4096)

    assert first_round_of({"x/naive": early + late}, 4096) == first_round_of({"x/naive": early}, 4096)
    assert first_round_of({"x/naive": early}, 4096).whole_ns == {"x/naive": 2e9}


def test_kernel_without_a_pace_is_not_planned():
    first = plan_first_round(KERNELS, {"c/packed": Pace(1e6)}, HINTS, config())

    assert list(first.modes) == ["c/packed"] and replace(first).last_round == 1


def test_checks_name_the_candidates_where_pilots_found_none():
    """A pilot of few rows can be misled by the cost of a call."""
    paces = {name: Pace(1e9) for name in NAMES}

    found = plan_first_round(KERNELS, paces, HINTS | {"c/packed": 2e9 / 4096, "c/divide": 9e9 / 4096}, config())

    assert found.fastest == "c/packed" and found.modes["c/packed"].rows == found.modes["c/divide"].rows == (4096,)
