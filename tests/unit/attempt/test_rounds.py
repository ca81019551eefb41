"""The rounds of an attempt, with an executor that has neither processes nor a clock."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis.estimate import estimates_of
from harness.attempt import rounds as rounds_module
from harness.attempt.rounds import AttemptRounds
from harness.config.kernels import load_kernels
from harness.measure.sampler import Sampler
from harness.model.sample import Purpose, launches_in
from harness.prepare.build import home_of
from harness.prepare.inputs import prepare
from harness.store.sample_log import SampleLog
from harness.util.console import Console
from harness.util.scratch import fresh
from tests.fake_executor import FakeExecutor
from tests.toy import add_rung

ROW_NS = {"toy/naive": 2e9, "toy/interchange": 1e5}


@pytest.fixture
def kernels(project):
    """Return two kernels whose run command is their name, as the fake executor expects."""
    add_rung(project, "interchange", "return c")
    return [replace(kernel, run=kernel.id) for kernel in load_kernels(project / "kernels")]


def measured(config, kernels, executor):
    """Measure the kernels, and return the rounds."""
    (config.build_dir / "scratch").mkdir(parents=True)
    store = SampleLog(fresh(config.build_dir, "samples"))
    inputs = prepare(config.n, config.seed, config.build_dir)
    sampler = Sampler(executor, config, inputs, store, config.build_dir / "scratch", cpus=(0,))
    rounds = AttemptRounds(config, store, sampler, dict.fromkeys(ROW_NS, 1e3), Console())
    for kernel in kernels:
        home_of(kernel, executor, config.build_dir).mkdir(parents=True, exist_ok=True)
    rounds.run(kernels[:1], kernels[1:], rounds.paces(kernels), lambda: None)
    return rounds


def clock(name, rows, n, launch):
    return int(rows * ROW_NS[name])


def test_every_kernel_is_measured_in_every_round(config, kernels):
    store = measured(config, kernels, FakeExecutor(clock)).store

    for kernel in kernels:
        launches = launches_in(store.samples(kernel.id), Purpose.MEASURE).values()
        assert sorted({launch[0].round for launch in launches}) == list(range(1, config.rounds + 1))


def test_only_what_is_tried_is_audited(config, kernels):
    """Whoever tries a kernel waits for the launches of the rungs beside it, and these show nothing that is asked."""
    store = measured(config, kernels, FakeExecutor(clock)).store

    purposes = {kernel.id: {sample.purpose for sample in store.samples(kernel.id)} for kernel in kernels}
    assert purposes["toy/naive"] > {Purpose.PILOT, Purpose.MEASURE, Purpose.FULL_MANTISSA}
    assert purposes["toy/interchange"] == {Purpose.PILOT, Purpose.MEASURE}


def test_slow_kernel_is_estimated_from_rows(config, kernels):
    store = measured(config, kernels, FakeExecutor(clock)).store

    estimates = estimates_of({kernel.id: store.samples(kernel.id) for kernel in kernels}, config.n)

    assert estimates["toy/naive"].estimated and not estimates["toy/interchange"].estimated
    assert estimates["toy/naive"].value_ns == pytest.approx(64 * 2e9)


def test_kernel_that_fails_is_not_launched_again(config, kernels):
    executor = FakeExecutor(clock, spoil=lambda name, c: c + (name == "toy/naive"))

    rounds = measured(config, kernels, executor)

    assert list(rounds.failures) == ["toy/naive"] and executor.launched.count("toy/naive") == 1
    assert rounds.store.samples("toy/interchange")


def test_containers_of_very_many_kernels_are_not_kept(config, kernels, monkeypatch):
    monkeypatch.setattr(rounds_module, "MAX_KEPT", 1)
    executor = FakeExecutor(clock)
    released = []
    executor.release = lambda: released.append(len(executor.launched))

    measured(config, kernels, executor)

    assert len(released) >= config.rounds
