"""Measuring, with an executor that has no clock: what is launched, stored, and caught."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from harness.analysis.rows import rows_of
from harness.config.kernels import load_kernels
from harness.measure.budget import half_width, kernel_progress
from harness.measure.rounds import Measuring
from harness.model.errors import HarnessError
from harness.model.machine import Peak
from harness.prepare.build import home_of
from harness.prepare.inputs import prepare
from harness.run import run_all
from harness.store.run_folder import Store
from harness.util.console import Console
from tests.fake_executor import FakeExecutor
from tests.toy import add_rung


@pytest.fixture
def kernels(project):
    """Two kernels whose run command is their name, as the fake executor expects."""
    add_rung(project, "interchange", "return c")
    return [replace(kernel, run=kernel.id) for kernel in load_kernels(project / "kernels")]


def measure(config, kernels, executor, store=None, **more):
    config.build_dir.mkdir(exist_ok=True)
    store = store or Store.create(config.reports_dir, {})
    scratch = config.build_dir / "scratch"
    scratch.mkdir(exist_ok=True)
    failed = {}
    measuring = Measuring(
        executor=executor,
        config=config,
        inputs=prepare(config.n, config.seed, config.build_dir),
        store=store,
        scratch=scratch,
        cpus=(0,),
        half_width=partial(half_width, config=config),
        kernel_progress=partial(kernel_progress, samples_of=store.samples, config=config),
        hints_ns={kernel.id: 1e6 for kernel in kernels},
        say=lambda progress: None,
        **more,
    )
    for kernel in kernels:
        home_of(kernel, executor, config.build_dir).mkdir(parents=True, exist_ok=True)
    measuring.run(kernels, lambda kernel, reason: failed.update({kernel.id: reason}))
    return store, failed


def steady(ns_a_row):
    return lambda name, rows, n, launch: int(rows * ns_a_row[name])


def rows(config, kernels, store, failed):
    samples = {kernel.id: store.samples(kernel.id) for kernel in kernels}
    found = rows_of(kernels, samples, failed, {}, {}, Peak("x", {1: 1.0, 2: 2.0}), config)
    return {row.kernel: row for row in found}


def test_times_rates_and_speedups_are_exactly_those_of_the_kernels(config, kernels):
    config = replace(config, baseline="toy/naive")
    executor = FakeExecutor(steady({"toy/naive": 4e6, "toy/interchange": 1e5}))
    store, failed = measure(config, kernels, executor)
    found = rows(config, kernels, store, failed)
    slow, fast = found["toy/naive"], found["toy/interchange"]
    assert slow.estimated and not fast.estimated
    assert slow.median_s == pytest.approx(64 * 4e6 / 1e9)
    assert fast.median_s == pytest.approx(64 * 1e5 / 1e9)
    assert fast.speedup == pytest.approx(40)
    assert fast.gflops == pytest.approx(2 * 64**3 / (64 * 1e5))
    assert fast.peak_share == pytest.approx(fast.gflops / 1.0)
    assert fast.verified and (fast.low_s, fast.high_s) == (fast.median_s, fast.median_s)


def test_kernels_take_turns(config, kernels):
    executor = FakeExecutor(steady({"toy/naive": 1e6, "toy/interchange": 1e6}))
    measure(config, kernels, executor)
    halves = (
        executor.launched[: len(executor.launched) // 2],
        executor.launched[len(executor.launched) // 2 :],
    )
    for half in halves:
        assert set(half) == {"toy/naive", "toy/interchange"}


def test_what_a_kernel_leaves_of_its_budget_goes_to_another_unless_leftovers_are_not_shared(config, kernels):
    def uneven(name, rows, n, launch):
        steady_ns = rows * 1e5
        return int(steady_ns if name == "toy/naive" else steady_ns * (1 + launch * 7919 % 13 / 6))

    config = replace(config, target=0.001, rounds=8, resamples=100)  # one kernel is sure at once, the other never
    launched = {}
    for share in (True, False):
        executor = FakeExecutor(uneven)
        measure(
            replace(config, reports_dir=config.reports_dir / str(share)),
            kernels,
            executor,
            reallocate_unused_budget=share,
        )
        launched[share] = executor.launched.count("toy/interchange")
    assert launched[True] > launched[False] > 0


def test_one_wrong_bit_in_the_last_element_fails_its_kernel_and_no_other(config, kernels):
    def spoil(name, c):
        if name == "toy/naive":
            c = c.copy()
            c[-1, -1] = np.nextafter(c[-1, -1], 1)
        return c

    store, failed = measure(config, kernels, FakeExecutor(steady({"toy/naive": 1e6, "toy/interchange": 1e6}), spoil))
    found = rows(config, kernels, store, failed)
    assert found["toy/naive"].status == "failed" and not found["toy/naive"].verified
    assert "1 of" in found["toy/naive"].reason and found["toy/naive"].median_s is None
    assert found["toy/interchange"].status == "ok"
    assert store.samples("toy/naive") == []


def test_a_kernel_that_is_right_at_first_and_wrong_later_has_no_row(config, kernels):
    launches = {"count": 0}

    def spoil(name, c):
        launches["count"] += 1
        return c * 2 if launches["count"] > 3 else c

    store, failed = measure(config, kernels[:1], FakeExecutor(steady({"toy/naive": 1e6}), spoil))
    row = rows(config, kernels[:1], store, failed)["toy/naive"]
    assert (row.status, row.median_s) == ("failed", None)


def test_a_kernel_that_changes_its_inputs_fails_and_hurts_no_other(config, kernels):
    def spoil(name, c):
        if name != "toy/naive":
            return c
        path = config.build_dir / "inputs" / f"n{config.n}-seed{config.seed}" / "data" / "b.f64"
        path.chmod(0o644)
        data = bytearray(path.read_bytes())
        data[0] ^= 1
        path.write_bytes(data)
        return c

    clock = steady({"toy/naive": 1e6, "toy/interchange": 1e6})
    store, failed = measure(config, kernels, FakeExecutor(clock, spoil))
    found = rows(config, kernels, store, failed)
    assert (found["toy/naive"].status, found["toy/naive"].reason) == ("failed", "measure: changed its inputs")
    assert found["toy/interchange"].status == "ok"


def test_a_resumed_run_measures_what_was_left_and_nothing_twice(config, kernels):
    clock = steady({"toy/naive": 4e6, "toy/interchange": 1e5})
    whole, _ = measure(config, kernels, FakeExecutor(clock))
    lines = (whole.folder / "samples.jsonl").read_bytes().splitlines(True)
    for stop in range(0, len(lines), 3):
        (whole.folder / "samples.jsonl").write_bytes(b"".join(lines[:stop]))
        store, _ = measure(config, kernels, FakeExecutor(clock), Store.open(whole.folder))
        for kernel in kernels:
            samples = store.samples(kernel.id)
            assert len({(s.launch, s.rep) for s in samples}) == len(samples)
        assert rows(config, kernels, store, {})["toy/naive"].median_s == pytest.approx(64 * 4e6 / 1e9)


def test_full_adds_up_blocks_of_other_rows_each_verified(config, kernels, monkeypatch):
    monkeypatch.setattr("harness.measure.schedule.BLOCK_NS", 2e9)
    config = replace(config, full=True)
    store, failed = measure(config, kernels[:1], FakeExecutor(steady({"toy/naive": 1e8})))
    row = rows(config, kernels[:1], store, failed)["toy/naive"]
    assert (row.estimated, row.rows, row.status) == (False, 64, "ok"), row.reason
    assert row.median_s == pytest.approx(6.4)
    assert len({s.sha256 for s in store.samples("toy/naive")}) > 3


def test_a_sample_that_cannot_be_stored_is_told_as_that(config, kernels, monkeypatch):
    """A full disk names the run folder."""
    monkeypatch.setattr(Store, "append", raiser(OSError(28, "No space left on device")))

    with pytest.raises(HarnessError, match="a sample cannot be stored: No space left on device"):
        measure(config, kernels, FakeExecutor(steady({"toy/naive": 1e6, "toy/interchange": 1e6})))


def test_another_error_of_the_system_is_not_told_as_storing(config, kernels, monkeypatch):
    """An error while a launch is prepared keeps its own words."""
    monkeypatch.setattr("harness.measure.rounds.emptied", raiser(OSError(13, "Permission denied")))

    with pytest.raises(OSError, match="Permission denied"):
        measure(config, kernels, FakeExecutor(steady({"toy/naive": 1e6, "toy/interchange": 1e6})))


def test_an_error_while_measuring_is_constructed_is_not_hidden(config, project, monkeypatch):
    """The error that the user sees is the first one, not one of the clean-up after it."""
    monkeypatch.setattr("harness.run.Measuring", raiser(HarnessError("no clock here")))
    monkeypatch.setattr("harness.run.host_lock", nullcontext)
    settings = replace(config, kernels_dir=project / "kernels", baseline="toy/naive", check_sizes=(1, 2))

    with pytest.raises(HarnessError, match="no clock here"):
        run_all(settings, ["run-all"], Console())


def raiser(error):
    """A function that raises `error`, whatever it is called with."""

    def fail(*_args, **_named):
        raise error

    return fail
