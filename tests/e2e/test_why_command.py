"""Test `why`, and the bound of `compare` on instructions, on stored runs with made-up counts."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest

from harness.model.counts import RunCounts
from harness.model.inner_loop import RunLoops
from harness.store.counts_file import write_counts
from harness.store.loops_file import write_loops
from tests import factories
from tests.command import invoke
from tests.inner_loops import inner_loop
from tests.toy_run import ToyRun


@pytest.fixture
def counted_run(copied_run: ToyRun) -> ToyRun:
    """Return a run of toy/naive and toy/interchange with counts."""
    write_counts(copied_run.folder, counts_of(400.0))
    return copied_run


def counts_of(instructions: float) -> RunCounts:
    return RunCounts(
        (
            factories.counts("toy/naive", 400.0, 1.0, 0.5),
            factories.counts("toy/interchange", instructions, 1 / 16, 0.5 / 16),
        )
    )


def test_rung_is_put_beside_the_one_below(counted_run):
    done = invoke("why", "toy/interchange", "--config", counted_run.config)

    assert done.returncode == 0
    assert done.stdout.splitlines()[0].split() == ["a", "multiply-add", "toy/naive", "toy/interchange", "ratio"]
    assert "interchange: the same 400 instructions a multiply-add, 1/16 of the misses" in done.stdout


def test_hottest_loops_are_told_where_they_are_known(counted_run):
    write_loops(counted_run.folder, RunLoops((inner_loop("toy/naive"),)))
    words = ("why", "toy/interchange", "--config", counted_run.config)

    lines, document = invoke(*words).stdout.splitlines(), json.loads(invoke(*words, "--json").stdout)

    assert lines[-1].startswith("toy/naive, hottest loop: 1 FMA of 8 doubles for 1 load; no spill;")
    assert [loop["kernel"] for loop in document["loops"]] == ["toy/naive"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["toy/nothing"], "toy/nothing: no such kernel in run"),
        (["toy/interchange", "c/naive"], "c/naive: no such kernel in run"),
        (["toy/naive"], "toy/naive: no rung below it was measured"),
        (["toy/interchange", "--run", "nowhere"], "nowhere: no run here"),
    ],
)
def test_what_is_not_there_is_a_sentence_and_status_2(finished_run, words, sentence):
    done = invoke("why", *words, "--config", finished_run.config)

    assert done.returncode == 2 and sentence in done.stderr


def test_more_instructions_are_exit_status_3(counted_run):
    later = counted_run.folder.with_name("later")
    shutil.copytree(counted_run.folder, later)
    write_counts(later, counts_of(404.0))
    words = ["compare", str(counted_run.folder), str(later), "--config", counted_run.config]

    failed, passed = (invoke(*words, "--fail-on-instructions", bound) for bound in ("0.5", "1.5"))

    assert (failed.returncode, passed.returncode) == (3, 0)
    assert "More instructions by more than 0.5%: toy/interchange" in failed.stdout
    assert "+1.00% instructions" in failed.stdout
    document = json.loads(invoke(*words, "--fail-on-instructions", "0.5", "--json").stdout)
    assert document["more_instructions"] == ["toy/interchange"]


def test_bound_on_instructions_without_counts_is_refused(finished_run):
    run = str(finished_run.folder)

    done = invoke("compare", run, run, "--fail-on-instructions", "1", "--config", finished_run.config)

    assert done.returncode == 2 and "no kernel was counted in the same way" in done.stderr


def test_counts_in_another_way_are_not_compared(counted_run):
    later = counted_run.folder.with_name("later")
    shutil.copytree(counted_run.folder, later)
    one = counts_of(404.0)
    others = tuple(replace(each, how=replace(each.how, n=2048)) for each in one.kernels)
    write_counts(later, RunCounts(others))

    done = invoke("compare", str(counted_run.folder), str(later), "--config", counted_run.config)

    assert done.returncode == 0 and "instructions" not in done.stdout
