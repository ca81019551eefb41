"""Test the table of rungs by language and chip."""

from __future__ import annotations

from dataclasses import replace

from tests import factories
from tools.chips import add_chip, chip_of, chips_table

TIMES_S = {
    "c/packed": 4.0,
    "c/library-openblas": 2.0,
    "c/library-mkl": 8.0,
    "python/packed-numba": 5.0,
    "go/naive": 20.0,
    "java/naive-paper": 40.0,
}


def test_yardstick_is_the_fastest_library_of_the_run(tmp_path):
    chip = chip_of(factories.measured_results(tmp_path, TIMES_S))

    assert (chip["library"], chip["library_s"]) == ("c/library-openblas", 2.0)
    assert chip["speeds"]["packed"] == {"C": 0.5, "Numba": 0.4}
    assert chip["speeds"]["naive"] == {"Go": 0.1}


def test_run_without_a_library_adds_no_chip(tmp_path):
    results = factories.measured_results(tmp_path, {"c/packed": 4.0})

    assert add_chip(results, tmp_path / "chips.json") == {}


def test_each_machine_adds_its_chip_and_replaces_its_own_figures(tmp_path):
    path, first = tmp_path / "chips.json", factories.measured_results(tmp_path, TIMES_S)
    again = factories.measured_results(tmp_path, TIMES_S | {"c/packed": 1.0})
    other = replace(first, record=replace(first.record, host=replace(first.record.host, cpu="Another")))

    for results in (first, other, again):
        chips = add_chip(results, path)

    assert [chip["speeds"]["packed"]["C"] for chip in chips.values()] == [2.0, 0.5]
    assert chips_table(chips).count("| rung | C | Numba | Go |") == 2
    assert "| packed | 0.500 | 0.400 |  |" in chips_table(chips)
