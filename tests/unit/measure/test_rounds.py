"""Test rounds with an executor that has neither processes nor a clock: what is launched, stored, and caught."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harness.analysis.estimate import estimates_of
from harness.analysis.rows import rows_of
from harness.config.kernels import load_kernels
from harness.measure.rounds import Rounds
from harness.measure.sampler import Sampler
from harness.model.errors import HarnessError
from harness.prepare.build import home_of
from harness.prepare.inputs import prepare
from harness.store.sample_log import SampleLog
from harness.util.scratch import fresh
from tests import factories
from tests.fake_executor import FakeExecutor
from tests.toy import add_rung


@pytest.fixture
def kernels(project):
    """Return two kernels whose run command is their name, as the fake executor expects."""
    add_rung(project, "interchange", "return c")
    return [replace(kernel, run=kernel.id) for kernel in load_kernels(project / "kernels")]


def measure(config, kernels, executor, store=None, **more):
    """Measure the kernels, and return the store and the reasons of those that failed."""
    config.build_dir.mkdir(exist_ok=True)
    store = store or SampleLog(fresh(config.build_dir, "samples"))
    scratch = config.build_dir / "scratch"
    scratch.mkdir(exist_ok=True)
    failed = {}
    inputs = prepare(config.n, config.seed, config.build_dir)
    rounds = Rounds(
        config=config,
        store=store,
        sampler=Sampler(executor, config, inputs, store, scratch, cpus=(0,)),
        hints_ns={kernel.id: 1e6 for kernel in kernels},
        **({"say": lambda progress: None} | more),
    )
    for kernel in kernels:
        home_of(kernel, executor, config.build_dir).mkdir(parents=True, exist_ok=True)
    rounds.run(kernels, lambda kernel, reason: failed.update({kernel.id: reason}))
    return store, failed


def clock(naive=1e6, interchange=1e6):
    """Return a clock by which every row of a kernel takes the same time (ns)."""
    row_ns = {"toy/naive": naive, "toy/interchange": interchange}
    return lambda name, rows, n, launch: int(rows * row_ns[name])


def rows(config, kernels, store, failed):
    """Return the row of each kernel."""
    samples = {kernel.id: store.samples(kernel.id) for kernel in kernels}
    peak = factories.peak({1: 1.0, 2: 2.0})
    estimates = estimates_of(samples, config.n)
    return {row.kernel: row for row in rows_of(kernels, samples, estimates, config, failed, peak=peak)}


def test_times_rates_and_speedups_are_exact(config, kernels):
    """With a clock without noise, every figure is the one that the clock implies."""
    config = replace(config, baseline="toy/naive")

    store, failed = measure(config, kernels, FakeExecutor(clock(naive=2e9, interchange=1e5)))

    by_kernel = rows(config, kernels, store, failed)
    slow, fast = by_kernel["toy/naive"], by_kernel["toy/interchange"]
    assert slow.estimated and not fast.estimated
    assert slow.time.value == pytest.approx(64 * 2e9 / 1e9)
    assert fast.time.value == pytest.approx(64 * 1e5 / 1e9)
    assert fast.speedup.value == pytest.approx(20_000)
    assert fast.rate.gflops == pytest.approx(2 * 64**3 / (64 * 1e5))
    assert fast.rate.peak_share == pytest.approx(fast.rate.gflops / 1.0)
    assert fast.verified and (fast.time.low, fast.time.high) == (fast.time.value, fast.time.value)


def test_kernels_take_turns(config, kernels):
    executor = FakeExecutor(clock())

    measure(config, kernels, executor)

    half = len(executor.launched) // 2
    for launched in (executor.launched[:half], executor.launched[half:]):
        assert set(launched) == {"toy/naive", "toy/interchange"}


def test_rounds_of_all_kernels_are_aligned(config, kernels):
    """Pilots come before all that counts, and each round has a launch of each kernel."""
    store, _ = measure(replace(config, rounds=4), kernels, FakeExecutor(clock()))

    rounds_of = {k.id: [s.round for s in store.samples(k.id) if s.purpose == "measure" and s.rep == 0] for k in kernels}
    assert rounds_of == {"toy/naive": [1, 2, 3, 4], "toy/interchange": [1, 2, 3, 4]}
    pilots = [s.launch for k in kernels for s in store.samples(k.id) if s.purpose == "pilot"]
    others = [s.launch for k in kernels for s in store.samples(k.id) if s.purpose != "pilot"]
    assert max(pilots) < min(others)


def test_progress_tells_the_round_the_time_left_and_the_answer(config, kernels):
    said = []
    config = replace(config, baseline="toy/naive")

    measure(config, kernels, FakeExecutor(clock(naive=4e6, interchange=1e5)), say=said.append)

    assert said[0].stage == "pilots, kernel 1 of 2" and said[0].left_s is None
    assert said[-1].stage == "round 3 of 3" and said[-1].speedup == pytest.approx(40)
    left = [progress.left_s for progress in said if progress.left_s is not None]
    assert left == sorted(left, reverse=True) and left[-1] < left[0]


def test_one_wrong_bit_fails_its_kernel_and_no_other(config, kernels):
    """The last bit of the last element is wrong: the kernel has no time and no sample."""

    def spoil(name, c):
        if name == "toy/naive":
            c = c.copy()
            c[-1, -1] = np.nextafter(c[-1, -1], 1)
        return c

    store, failed = measure(config, kernels, FakeExecutor(clock(), spoil))

    by_kernel = rows(config, kernels, store, failed)
    assert by_kernel["toy/naive"].status == "failed" and not by_kernel["toy/naive"].verified
    assert "1 of" in by_kernel["toy/naive"].reason and by_kernel["toy/naive"].time is None
    assert by_kernel["toy/interchange"].status == "ok"
    assert store.samples("toy/naive") == []


def test_kernel_with_fewer_digits_than_float64_in_a_run_fails(config, kernels):
    """Its products of dyadic values are right, as are those of its checks."""

    def spoil(name, c):
        values_of_53_bits = c.size > 1 and (c > 0).all()
        return c * (1 + 2.0**-46) if values_of_53_bits and name == "toy/naive" else c

    _, failed = measure(config, kernels, FakeExecutor(clock(), spoil))

    assert list(failed) == ["toy/naive"]
    assert "values of 53 bits" in failed["toy/naive"].reason


def test_kernel_that_turns_wrong_later_has_no_time(config, kernels):
    """Correct launches before a wrong one do not count."""
    launches = []

    def spoil(name, c):
        launches.append(name)
        return c * 2 if len(launches) > 3 else c

    store, failed = measure(config, kernels[:1], FakeExecutor(clock(), spoil))

    row = rows(config, kernels[:1], store, failed)["toy/naive"]
    assert (row.status, row.time) == ("failed", None)


def test_changed_inputs_fail_their_kernel_and_no_other(config, kernels):
    """The inputs are restored before the next kernel reads them."""

    def spoil(name, c):
        if name != "toy/naive":
            return c
        path = config.build_dir / "inputs" / f"n{config.n}-seed{config.seed}" / "data" / "b.f64"
        path.chmod(0o644)
        data = bytearray(path.read_bytes())
        data[0] ^= 1
        path.write_bytes(data)
        return c

    store, failed = measure(config, kernels, FakeExecutor(clock(), spoil))

    by_kernel = rows(config, kernels, store, failed)
    assert (by_kernel["toy/naive"].status, by_kernel["toy/naive"].reason) == ("failed", "measure: changed its inputs")
    assert by_kernel["toy/interchange"].status == "ok"


def test_resumed_run_measures_the_rest_and_nothing_twice(config, kernels):
    """A run may be interrupted after any sample."""
    slow_and_fast = clock(naive=4e6, interchange=1e5)
    whole, _ = measure(config, kernels, FakeExecutor(slow_and_fast))
    lines = (whole.folder / "samples.jsonl").read_bytes().splitlines(True)
    for stop in range(0, len(lines), 3):
        (whole.folder / "samples.jsonl").write_bytes(b"".join(lines[:stop]))

        store, _ = measure(config, kernels, FakeExecutor(slow_and_fast), SampleLog.open(whole.folder))

        for kernel in kernels:
            samples = store.samples(kernel.id)
            assert len({(s.launch, s.rep) for s in samples}) == len(samples)
        assert rows(config, kernels, store, {})["toy/naive"].time.value == pytest.approx(64 * 4e6 / 1e9)


def test_full_adds_up_blocks_that_are_each_verified(config, kernels, monkeypatch):
    monkeypatch.setattr("harness.measure.mode.BLOCK_NS", 2e9)
    config = replace(config, full=True)

    store, failed = measure(config, kernels[:1], FakeExecutor(clock(naive=1e8)))

    row = rows(config, kernels[:1], store, failed)["toy/naive"]
    assert (row.estimated, row.rows, row.status) == (False, 64, "ok"), row.reason
    assert row.time.value == pytest.approx(6.4)
    assert len({s.sha256 for s in store.samples("toy/naive")}) > 3


def test_full_disk_is_reported_as_a_failure_to_store(config, kernels, monkeypatch):
    monkeypatch.setattr(SampleLog, "append", raiser(OSError(28, "No space left on device")))

    with pytest.raises(HarnessError, match="a sample cannot be stored: No space left on device"):
        measure(config, kernels, FakeExecutor(clock()))


def test_other_system_errors_keep_their_own_words(config, kernels, monkeypatch):
    """An error while a launch is prepared is not reported as a failure to store."""
    monkeypatch.setattr("harness.measure.sampler.emptied", raiser(OSError(13, "Permission denied")))

    with pytest.raises(OSError, match="Permission denied"):
        measure(config, kernels, FakeExecutor(clock()))


def raiser(error):
    """Return a function that raises `error`, whatever it is called with."""

    def fail(*_args, **_named):
        raise error

    return fail
