"""Test the catalogue of lies, and what the outcomes of a trial add up to."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest

from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.model.job import Failed, FailureCode, Stage
from harness.prepare.inputs import dyadic, exact_product
from harness.selftest.case import Case
from harness.selftest.catalogue import HONEST, LIES, Gain, catalogue
from harness.selftest.lies import GAINED_NOTHING, N, Trial, cases_of
from harness.selftest.lies_summary import all_runs, lies_sentence, lies_table, verdict
from tests.needs import need


def test_every_lie_of_the_catalogue_is_a_kernel_and_no_other_is():
    kernels = {kernel.id for kernel in load_kernels(LIES)}

    assert kernels == {HONEST, *(lie.kernel for lie in catalogue())}


def test_every_lie_says_what_it_does_and_what_it_gains():
    for lie in catalogue():
        assert lie.sentence.endswith(".") and lie.family and lie.gain in Gain


def trial(**shares: float) -> Trial:
    """Return a trial in which each lie takes as long as the honest kernel, but for those with a share of their own."""
    by_kernel = {HONEST: 1.0} | {lie.kernel: 1.0 for lie in catalogue()}
    by_kernel |= {f"{HONEST}-{name.replace('_', '-')}": share for name, share in shares.items()}
    return Trial(seconds=dict.fromkeys(by_kernel, 2.0), shares=by_kernel)


def case_of(outcome: Trial, name: str) -> Case:
    """Return the case of one kernel."""
    [case] = [case for case in cases_of(outcome, "lies-docker") if case.kernel == name]
    return case


def test_a_lie_that_fails_is_caught_by_that_check():
    outcome = trial(slow_clock=0.5)
    outcome.failures[f"{HONEST}-slow-clock"] = Failed(Stage.PLAUSIBILITY, "clock: ...", code=FailureCode.CLOCK)

    case = case_of(outcome, "slow-clock")

    assert case.flagged and case.check == "plausibility: clock"


def test_a_lie_about_time_that_takes_as_long_has_gained_nothing():
    case = case_of(trial(), "served-by-a-daemon")

    assert case.flagged and case.check == GAINED_NOTHING


def test_a_lie_that_is_faster_and_passes_was_not_caught():
    case = case_of(trial(slow_clock=0.5), "slow-clock")

    assert not case.flagged and verdict([case]) == "NOT CAUGHT"


def test_a_lie_about_digits_that_passes_was_not_caught():
    """It takes as long as the honest kernel, and has gained all the same."""
    assert not case_of(trial(), "split-products").flagged


def test_an_honest_kernel_that_fails_is_accused():
    outcome = trial()
    outcome.failures[HONEST] = Failed(Stage.PLAUSIBILITY, "clock: ...", code=FailureCode.CLOCK)

    case = case_of(outcome, "honest")

    assert case.flagged and verdict([case]) == "plausibility: clock"
    assert verdict([case_of(trial(), "honest")]) == "not accused"


@pytest.mark.parametrize("missed", [True, False])
def test_the_table_and_the_sentence_count_what_was_caught(missed):
    cases = list(cases_of(trial(**({"slow_clock": 0.5} if missed else {})), "lies-docker"))
    digits = sum(lie.gain != Gain.TIME for lie in catalogue())

    rows = {row[0]: row[2] for row in lies_table(cases).rows}
    caught = len(catalogue()) - digits - missed

    assert rows["slow-clock"] == ("NOT CAUGHT" if missed else GAINED_NOTHING)
    assert f"{caught} of {len(catalogue())} were caught" in lies_sentence(cases)
    assert "accused in 0 of 1 trials" in lies_sentence(cases)


def test_all_runs_are_columns_of_one_table():
    docker = list(cases_of(trial(slow_clock=0.5), "lies-docker"))

    shown = all_runs({"lies-native": docker, "lies-docker": docker})

    assert shown.head[2:] == ("in Docker", "natively")
    assert len(shown.rows) == len(catalogue()) + 1
    assert [row[2] for row in shown.rows if row[0] == "slow-clock"] == ["NOT CAUGHT, 2.0 s"]


def test_the_lie_that_knows_a_seed_knows_that_of_the_configuration(tmp_path):
    """It would be caught for the wrong reason if it knew no seed."""
    need(shutil.which("gcc"), "gcc")
    maker, table = tmp_path / "maker", tmp_path / "table"
    subprocess.run(["gcc", "-O1", "-o", maker, LIES / "c" / "known_seed_table.c"], check=True)

    subprocess.run([maker, table], check=True)

    a, product = np.fromfile(table, "<f8").reshape(2, N, N)
    expected_a, expected_b = dyadic(N, load_config().seed)
    assert np.array_equal(a, expected_a) and np.array_equal(product, exact_product(expected_a, expected_b))
