"""The selftest's arithmetic, exactly; the experiments themselves run in test_docs.py, as the README says."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest
from conftest import ROOT, harness

from harness.analysis.estimate import Estimate
from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.selftest.command import text
from harness.selftest.experiments import Case, beside
from harness.selftest.hyperfine import sign_of_difference
from harness.selftest.kernels import KINDS, PER_MILLE, N, variant, write_kernels
from harness.selftest.summary import sentences, smallest, tables


def trials(kind: str, share: int, found: int, of: int, experiment: str = "detection", said: bool = False) -> list[Case]:
    return [Case(experiment, kind, share, different=i < found, flagged=said) for i in range(of)]


def test_the_smallest_share_is_the_least_from_which_on_all_are_found():
    cases = trials("single", 0, 1, 20) + trials("single", 10, 18, 20) + trials("single", 20, 17, 20)
    assert smallest(cases) == 0  # 2% was found less often than 1%: luck, not power
    assert smallest(cases + trials("single", 50, 20, 20)) == 50
    assert smallest(trials("single", 10, 18, 20) + trials("single", 20, 19, 20)) == 10


def test_detection_is_counted_by_kind_and_share_with_an_interval():
    [table] = tables(trials("single", 0, 1, 20) + trials("single", 10, 19, 20))
    assert table.rows[0][:4] == ("single", "none (false alarms)", "20", "1 of 20 (5.0%)")
    assert table.rows[1][:4] == ("single", "1%", "20", "19 of 20 (95.0%)")
    assert table.rows[1][4] == "76.4% – 99.1%"


def test_false_alarms_are_counted_by_language_and_in_all():
    cases = [Case("alarms", "c/naive", different=True, error=0.2), Case("alarms", "go/naive", error=-0.1)]
    [table] = tables(cases)
    assert [row[:3] for row in table.rows] == [
        ("c", "1", "1 of 1 (100.0%)"),
        ("go", "1", "0 of 1 (0.0%)"),
        ("all", "2", "1 of 2 (50.0%)"),
    ]


def test_an_alarm_under_noise_counts_as_silent_only_without_a_finding():
    [table] = tables([*trials("single", 0, 1, 4, "noise", said=True), *trials("jit", 0, 1, 4, "noise")])
    assert [row[3] for row in table.rows] == ["0", "1"]


def test_estimates_have_their_error_and_how_often_the_whole_was_within():
    cases = [
        Case("estimates", "c/naive, n = 8", error=error, covered=error < 0.02, apart=0.05)
        for error in (0.01, -0.01, 0.03)
    ]
    [table] = tables(cases)
    assert table.rows[-1] == ("all", "3", "+1.0%", "1.0%", "5.0%", "2 of 3 (66.7%)")


def test_an_estimate_is_held_against_the_whole_products_on_both_sides_of_it():
    estimate = Estimate(102.0, np.linspace(98.0, 106.0, 1001), 10, 10, 98.0, 8, estimated=True)
    case = beside(estimate, (90.0, 111.1), "c/naive, n = 1024", load_config())
    assert case.covered and case.error == pytest.approx(0.02, abs=1e-3) and case.apart == pytest.approx(0.234, abs=1e-3)
    assert not beside(estimate, (90.0, 90.0), "c/naive, n = 1024", load_config()).covered


def test_cases_from_numpy_s_figures_can_be_kept():
    estimate = Estimate(np.float64(102.0), np.linspace(98.0, 106.0, 1001), 10, 10, 98.0, 8, estimated=True)
    case = beside(estimate, (90.0, 111.1), "c/naive, n = 1024", load_config())
    assert json.loads(json.dumps(asdict(case))) == asdict(case)


def test_every_experiment_ends_in_a_sentence():
    said = sentences(
        [
            Case("alarms", "c/naive"),
            *trials("single", 50, 20, 20),
            *trials("jit", 50, 1, 20),
            *trials("single", 0, 0, 4, "noise"),
            Case("estimates", "c/naive, n = 8", error=0.01, covered=True),
        ]
    )
    assert "A single kernel: 5% more work is the least that was found in 90% of the trials or more." in said
    assert "A jit kernel: no share that was tried was found in 90% of the trials or more." in said
    assert len(said) == 5


def test_a_table_for_the_terminal_is_aligned():
    [table] = tables(trials("single", 10, 1, 2))
    assert len({len(line) for line in text(table).splitlines()}) == 1


def test_welch_s_test_finds_what_is_there_and_not_what_is_not():
    random = np.random.default_rng(1)
    equal = [sign_of_difference(*(list(random.normal(1, 0.01, 20)) for _ in range(2))) for _ in range(300)]
    assert sum(map(abs, equal)) <= 300 * 0.05 + 8
    apart = [
        sign_of_difference(list(random.normal(1, 0.01, 20)), list(random.normal(1.02, 0.01, 20))) for _ in range(50)
    ]
    assert apart == [1] * 50
    assert sign_of_difference([1.0, 1.0], [1.0, 1.0]) == 0


def test_its_kernels_are_the_same_but_for_their_share(tmp_path):
    write_kernels(tmp_path, ROOT / "kernels")
    kernels = {kernel.id: kernel for kernel in load_kernels(tmp_path)}
    for kernel in KINDS.values():
        for share in PER_MILLE:
            slowed = kernels[variant(kernel, share)]
            assert slowed.source == kernels[kernel].source and slowed.rung == kernels[kernel].rung
            assert slowed.flags == kernels[kernel].flags.replace("=0", f"={share}")
            assert (N * share) % 1000 == 0


def test_an_experiment_that_is_not_there_is_a_sentence():
    done = harness("selftest", "nonsense")
    assert done.returncode == 2 and "no experiment 'nonsense'; there are alarms" in done.stderr


def test_cases_that_cannot_be_read_are_a_sentence(tmp_path):
    from harness.model.errors import UsageError
    from harness.selftest.command import load

    (tmp_path / "selftest.json").write_text('{"alarms": 3}')
    with pytest.raises(UsageError, match=r"selftest.json: not a selftest's cases"):
        load(tmp_path / "selftest.json")
