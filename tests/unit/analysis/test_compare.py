"""Test comparisons of two runs: what changed, what did not, and what cannot be compared."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.analysis.compare import Pair, Run, Verdict, compare, judge
from harness.analysis.estimate import Estimate
from harness.model.config import Backend, Pages
from harness.model.counts import RunCounts
from harness.model.job import Built, Provided
from harness.model.machine import CpuId
from harness.model.result import Quantity, Status
from harness.model.run_record import BackendInfo
from harness.model.sample import Sample, SystemDelta
from tests import factories


def samples(floor_ns: float, seed: int, core_ns: int = 2_000_000) -> list[Sample]:
    """Return twelve launches of two calls, with noise above these shortest times of a call and of the speed probe."""
    random = np.random.default_rng(seed)
    launches = []
    for number in range(12):
        times = floor_ns * (1 + random.exponential(0.01, 2))
        system = SystemDelta(core_ns=int(core_ns * (1 + random.exponential(0.01))), memory_ns=1)
        launches += factories.launch(times, number, system=system)
    return launches


def run(
    name: str,
    floor_ns: float = 1e8,
    seed: int = 1,
    core_ns: int = 2_000_000,
    machine: dict | None = None,
    backend: Backend = Backend.NATIVE,
    version: str = "x 1.0",
    row: dict | None = None,
    **config,
) -> Run:
    """Return a run of one kernel; `machine`, `row` and `config` are fields to change."""
    record = factories.run_record(
        id=name,
        host=factories.host(**(machine or {})),
        backend=BackendInfo(backend, "asked for"),
        toolchains={"x/naive": Provided(version)},
        built={"x/naive": built("d")},
        config=factories.config(**config),
    )
    rows = {"x/naive": factories.row("x/naive", **({"time": Quantity(floor_ns / 1e9)} | (row or {})))}
    return Run(record, rows, {"x/naive": samples(floor_ns, seed, core_ns)})


def built(digest: str) -> Built:
    """Return the build of an artefact with this digest."""
    return Built(Path("out"), digest, 1, 1.0, ())


def verdict(before: Run, after: Run) -> str:
    [change] = compare(before, after).changes
    return change.verdict


def test_kernel_that_takes_a_tenth_longer_is_slower():
    assert verdict(run("a"), run("b", 1.1e8, seed=2)) == Verdict.SLOWER


def test_kernel_that_takes_a_tenth_less_is_faster():
    assert verdict(run("a", 1.1e8), run("b", seed=2)) == Verdict.FASTER


def test_equal_runs_show_no_difference():
    [change] = compare(run("a"), run("b", seed=2)).changes

    assert change.verdict == Verdict.SAME
    assert change.ratio.low < 1 < change.ratio.high
    assert change.ratio.value == pytest.approx(1, abs=0.01)


def test_slower_machine_explains_as_much_of_a_difference():
    """Without enough controls, intervals are widened by the change of the machine's own speed."""
    comparison = compare(run("a"), run("b", 1.1e8, seed=2, core_ns=2_200_000))

    assert comparison.variation.size == pytest.approx(0.1, abs=0.02)
    assert comparison.changes[0].verdict == Verdict.SAME


def many(name: str, seed: int, scale: float, slowed: dict[int, float]) -> Run:
    """Return a run of twenty kernels whose times vary on this log scale; those in `slowed` have other code."""
    random = np.random.default_rng(seed)
    rows, launches, artefacts = {}, {}, {}
    for i in range(20):
        kernel = f"x/naive-{i}"
        floor = 1e8 * np.exp(random.normal(0, scale)) * slowed.get(i, 1)
        rows[kernel] = factories.row(kernel, time=Quantity(0.1))
        launches[kernel] = [replace(sample, kernel=kernel) for sample in samples(floor, 100 * seed + i)]
        artefacts[kernel] = built(f"{slowed.get(i)}")
    versions = {kernel: Provided("x 1.0") for kernel in rows}
    record = factories.run_record(id=name, toolchains=versions, built=artefacts)
    return Run(record, rows, launches)


def test_difference_between_equal_code_is_not_called_one():
    comparisons = [compare(many("a", seed, 0.05, {}), many("b", seed + 50, 0.05, {})) for seed in range(10)]
    called = sum(change.verdict != Verdict.SAME for found in comparisons for change in found.changes)
    assert called <= 0.05 * 200
    assert all(found.variation.controls == 20 for found in comparisons)
    assert float(np.median([found.variation.size for found in comparisons])) == pytest.approx(0.07, rel=0.5)


def test_changed_code_is_found_beside_unchanged_code():
    slowed = {3: 1.1, 7: 1.1}

    comparison = compare(many("a", 1, 0.001, {}), many("b", 2, 0.001, slowed))

    assert comparison.variation.controls == 18
    different = [change.kernel for change in comparison.changes if change.verdict != Verdict.SAME]
    assert different == ["x/naive-3", "x/naive-7"]


CONTROLS = 20


def pairs(random: np.random.Generator, launches: int, variation: float, machine: float, changed: float) -> list[Pair]:
    """Return the controls of two runs and one kernel whose code makes it take this much longer.

    The later run is on a machine that takes longer for all kernels by the factor `machine`, and on which each kernel's
    time varies by a standard deviation `variation` on a log scale. Launches have a tail of slow ones.
    """

    def times(factor: float) -> Estimate:
        noise = random.exponential(0.01, launches) + (random.random(launches) < 0.1) * random.exponential(0.1, launches)
        values = 1e8 * factor * (1 + noise)
        return factories.estimate(value_ns=float(np.median(values)), by_round=dict(enumerate(map(float, values))))

    def pair(kernel: str, factor: float) -> Pair:
        here = machine * factor * math.exp(random.normal(0, variation))
        return Pair(kernel, times(1), times(here), same_code=factor == 1)

    return [*(pair(f"x/naive-{i}", 1) for i in range(CONTROLS)), pair("x/packed", changed)]


@pytest.mark.parametrize("launches", [6, 12])
def test_changed_code_is_found_on_a_machine_that_became_slower(launches):
    """A machine that takes 8% longer neither hides a kernel that takes 10% longer, nor is it taken for a change."""
    random, trials = np.random.default_rng(launches), 60
    outcomes = [judge(pairs(random, launches, 0.01, 1.08, 1.1), None) for _ in range(trials)]

    found = sum(changes[-1].verdict == Verdict.SLOWER for _, changes in outcomes)
    alarms = sum(change.verdict != Verdict.SAME for _, changes in outcomes for change in changes[:-1])

    assert found >= trials / 2
    assert alarms <= 0.02 * trials * CONTROLS
    assert [variation.machine_ratio for variation, _ in outcomes] == pytest.approx([1.08] * trials, abs=0.03)


def test_change_that_the_machine_hides_is_found():
    """A kernel that takes as long as before on a machine that became slower is faster."""
    found = pairs(np.random.default_rng(1), 12, 0.0, 1.1, 1 / 1.1)

    changes = judge(found, None)[1]

    assert changes[-1].verdict == Verdict.FASTER
    assert changes[-1].ratio.value == pytest.approx(1 / 1.1, abs=0.03)
    assert changes[-1].after.seconds == pytest.approx(changes[-1].before.seconds, rel=0.05)


def test_ratio_of_a_kernel_measured_once_is_relative_to_the_machine():
    found = pairs(np.random.default_rng(2), 12, 0.0, 1.5, 1.5)
    once = [factories.estimate(value_ns=time, by_round={0: time}) for time in (1e8, 1.5e8)]

    variation, changes = judge([*found, Pair("x/once", *once, same_code=False)], None)

    assert changes[-1].reason == "measured once: there is no interval"
    assert changes[-1].ratio.value == pytest.approx(1.5 / variation.machine_ratio)


def test_times_without_any_noise_are_compared():
    exact = factories.estimate(value_ns=1e8, by_round={0: 1e8, 1: 1e8})
    slower = factories.estimate(value_ns=1.1e8, by_round={0: 1.1e8, 1: 1.1e8})
    controls = [Pair(f"x/naive-{i}", exact, exact, same_code=True) for i in range(CONTROLS)]

    variation, changes = judge([*controls, Pair("x/packed", exact, slower, same_code=False)], None)

    assert (variation.size, variation.machine_ratio) == (0.0, 1.0)
    assert [change.verdict for change in changes] == [Verdict.SAME] * CONTROLS + [Verdict.SLOWER]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"machine": {"cpu": "another"}}, "another CPU: a CPU before, another after"),
        (
            {"machine": {"cpu_id": CpuId("AuthenticAMD", 25, 17, 1)}},
            "another CPU: a CPU before, a CPU (family 25, model 17, stepping 1, vendor AuthenticAMD) after",
        ),
        ({"machine": {"processors": 1}}, "another number of processors: 2 processors before, 1 processor after"),
        ({"version": "x 2.0"}, "another toolchain: x 1.0 before, x 2.0 after"),
        ({"seed": 7}, "another input"),
        ({"backend": Backend.DOCKER}, "another backend"),
        ({"pages": Pages.SMALL}, "another memory pages: as-is before, 4k after"),
        ({"row": {"threads": 2}}, "another number of threads"),
        ({"row": {"estimated": True, "rows": 8}}, "measured whole before, estimated after"),
        (
            {"row": {"time": None, "status": Status.FAILED, "reason": "check: wrong"}},
            "failed in the later run: check: wrong",
        ),
    ],
)
def test_runs_that_cannot_be_compared_say_why(changed, reason):
    """The times are shown beside each other, and not compared."""
    [change] = compare(run("a"), run_with(changed)).changes

    assert change.verdict == Verdict.NOT_COMPARABLE
    assert reason in change.reason
    assert change.before.seconds == 0.1 and change.ratio is None


def run_with(changed: dict) -> Run:
    """Return a run with these changes, where `seed` is the seed of the inputs."""
    changed = dict(changed)
    seed = changed.pop("seed", None)
    other = run("b", **changed)
    return (
        other if seed is None else replace(other, record=replace(other.record, config=replace(other.config, seed=seed)))
    )


def test_kernel_of_one_run_only_is_not_comparable():
    before = run("a")

    [change] = compare(before, replace(before, rows={}, samples={})).changes

    assert (change.verdict, change.reason) == (Verdict.NOT_COMPARABLE, "not in the later run")


def test_regression_is_larger_than_the_percentage():
    """A kernel regressed if even the lower end of its ratio exceeds the percentage."""
    comparison = compare(run("a"), run("b", 1.1e8, seed=2))

    assert [change.kernel for change in comparison.regressions(5)] == ["x/naive"]
    assert comparison.regressions(15) == []


def counted(measured: Run, instructions: float, **how) -> Run:
    return replace(measured, counts=RunCounts((factories.counts("x/naive", instructions, **how),)))


def test_instructions_are_compared_where_times_do_not_differ():
    comparison = compare(counted(run("a"), 4.0), counted(run("b", seed=2), 4.04))

    [change] = comparison.changes
    assert change.verdict == Verdict.SAME
    assert change.instructions.percent == pytest.approx(1.0, abs=1e-5)
    assert comparison.with_more_instructions(0.5) == [change]
    assert comparison.with_more_instructions(1.5) == []


def test_instructions_counted_in_another_way_are_not_compared():
    [change] = compare(counted(run("a"), 4.0), counted(run("b"), 4.0, n=2048)).changes

    assert change.instructions is None


def test_runs_without_counts_have_no_instructions():
    [change] = compare(run("a"), counted(run("b"), 4.0)).changes

    assert change.instructions is None
