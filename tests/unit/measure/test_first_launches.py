"""The launches of a run's first answer, and the reason where there is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.config.kernels import load_kernels
from harness.execute.executor import RunError
from harness.measure.first_launches import print_first_answer
from harness.model.errors import HarnessError
from harness.model.job import Absent
from harness.util.console import Console
from tests import factories
from tests.fake_executor import FakeExecutor
from tests.toy import KERNEL, SOURCE


@pytest.fixture
def kernels(project):
    """Return toy/naive and c/packed, whose run command is their name, as the fake executor expects."""
    folder = project / "kernels" / "c"
    folder.mkdir()
    (folder / "kernel.yaml").write_text(KERNEL.replace("Toy", "C").replace("naive: {", "packed: {"))
    (folder / "naive.py").write_text(SOURCE)
    return [replace(kernel, run=kernel.id) for kernel in load_kernels(project / "kernels")]


def clock(name, rows, n, launch):
    """Return 100 ns for a multiply-add of toy/naive, and 1 ns for one of c/packed."""
    return (100 if name == "toy/naive" else 1) * rows * n * n


def answer(config, kernels, executor, capsys, **fields):
    """Return the stages and the lines that a first answer prints."""
    config = replace(config, **({"n": 512, "baseline": "toy/naive"} | fields))
    stages = []
    print_first_answer(kernels, executor, config, (0,), Console(), stages.append)
    return stages, capsys.readouterr().err.splitlines()


def test_both_are_checked_and_then_launched_once(config, kernels, capsys):
    executor = FakeExecutor(clock)

    stages, lines = answer(config, kernels, executor, capsys)

    assert stages == ["First launches of toy/naive and c/packed"]
    # 13.4 s of which 5 s / 0.1 s = 47 rows are computed, and 0.134 s
    assert lines == [
        "First answer, from one native launch each: toy/naive takes about 13 s (from 47 of 512 rows) and c/packed "
        "about 130 ms (2 threads): about 100 times. The run refines this while it builds and measures the rest."
    ]
    checks = 2  # launches of each
    assert executor.launched == ["toy/naive"] * checks + ["c/packed"] * checks + ["toy/naive", "c/packed"]


def test_the_second_call_counts(config, kernels, capsys):
    calls = []

    def warming(name, rows, n, launch):
        calls.append((name, n))
        return clock(name, rows, n, launch) * (3 if calls.count((name, 512)) == 1 else 1)

    _, [line] = answer(config, kernels, FakeExecutor(warming), capsys)

    assert "c/packed about 130 ms" in line


def test_a_disturbed_check_changes_no_plan(config, kernels, capsys):
    """One call of a check takes a hundred times as long as the others."""
    disturbed = []

    def busy(name, rows, n, launch):
        disturbed.append(name)
        return clock(name, rows, n, launch) * (100 if n < 512 and disturbed.count(name) % 10 == 0 else 1)

    _, [line] = answer(config, kernels, FakeExecutor(busy), capsys)

    assert "toy/naive takes about 13 s (from 47 of 512 rows) and c/packed about 130 ms" in line


@pytest.mark.parametrize("n", [17, 129, 512])
def test_a_wrong_kernel_has_no_time(config, kernels, capsys, n):
    def spoil(name, c):
        return c + (name == "c/packed" and c.shape[1] == n)

    _, lines = answer(config, kernels, FakeExecutor(clock, spoil), capsys)

    assert lines == [f"No first answer: c/packed failed with {n} of {n} rows (wrong-values)."]


def test_a_small_run_has_none_and_prints_nothing(config, kernels, capsys):
    executor = FakeExecutor(clock)

    stages, lines = answer(config, kernels, executor, capsys, n=511)

    assert (stages, lines, executor.launched) == ([], [], [])


def test_nothing_is_launched_where_a_kernel_is_not_selected(config, kernels, capsys):
    executor = FakeExecutor(clock)

    stages, lines = answer(config, kernels[1:], executor, capsys)

    assert (stages, executor.launched) == ([], [])
    assert lines == ["No first answer: this run does not measure c/packed."]


def test_a_missing_compiler_is_named(config, kernels, capsys):
    class WithoutGcc(FakeExecutor):
        def provide(self, toolchain):
            return (
                Absent("gcc is not installed", "install it")
                if toolchain.language == "c"
                else super().provide(toolchain)
            )

    _, lines = answer(config, kernels, WithoutGcc(clock), capsys)

    assert lines == ["No first answer: gcc is not installed."]


def test_a_missing_instruction_set_is_named(config, kernels, capsys):
    kernels = [replace(kernel, requires=("quantum_tile",)) for kernel in kernels]

    _, lines = answer(config, kernels, FakeExecutor(clock), capsys)

    assert lines == ["No first answer: this CPU has no quantum_tile."]


def test_a_kernel_that_does_not_build_is_named(config, kernels, capsys):
    class Compiler(FakeExecutor):
        def run(self, toolchain, folders, jobs, cpus, phase="run", keep=False):
            if phase == "build":
                return [factories.job_result(exit_status=1)]
            return super().run(toolchain, folders, jobs, cpus, phase, keep)

    kernels[0] = replace(kernels[0], build=("compile",))

    _, lines = answer(config, kernels, Compiler(clock), capsys)

    assert lines == [f"No first answer: {kernels[0].id} does not build on this machine."]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RunError("ended without a report"), "ended without a report"),
        (HarnessError("two lines\nof text"), "two lines"),
        (OSError(28, "No space left on device", "/work/c0"), "/work/c0: No space left on device"),
        (MemoryError(), "there is not enough memory"),
        (KeyError("x"), "internal error: KeyError: 'x'"),
    ],
)
def test_an_error_is_one_line_and_does_not_end_the_run(config, kernels, capsys, error, reason):
    def fail(*_):
        raise error

    _, lines = answer(config, kernels, FakeExecutor(fail), capsys)

    assert lines == [f"No first answer: {reason}."]
