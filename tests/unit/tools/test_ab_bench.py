"""Test the trials that compare `ab` with hyperfine and pyperf, and their table."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from tools.ab_bench import CELLS, STATES, TOOLS, Cell, Others, Trial, load, wanted
from tools.ab_overhead import Overhead
from tools.ab_tables import ab_table


def trial(number: int, sign: int = 0, trusted: bool = True, per_mille: int = 0, tool: str = "ab") -> Trial:
    return Trial(tool, "idle", per_mille, number, sign, trusted, 0.012, 5.0, "2026-01-02", "a chip")


def test_each_cell_gets_its_trials_in_turns():
    cells = (Cell(0, 5, 3), Cell(10, 90, 2))

    order = list(wanted(cells))

    assert len(set(order)) == len(order) == (3 + 2) * len(TOOLS) * len(STATES)
    assert [number for number, *_ in order] == sorted(number for number, *_ in order)


def test_an_alarm_is_any_difference_of_the_same_work():
    table = ab_table([trial(0, 1), trial(1, -1), trial(2), trial(3)], [])

    assert "| the same work, idle | 5 s | 1.2% | 2 of 4 (15.0% to 85.0%) | – | – |" in table


def test_each_chip_and_its_days_are_named():
    other = replace(trial(3), chip="another chip")

    table = ab_table([trial(0), trial(1), replace(trial(2), day="2026-01-05"), other], [])

    assert table.startswith("Trials: 3 on a chip, 2026-01-02 to 2026-01-05; 1 on another chip, 2026-01-02.\n\n|")


def test_only_the_right_direction_is_a_detection():
    table = ab_table([trial(0, 1, per_mille=20), trial(1, -1, per_mille=20)], [])

    assert "| 2.00% more work, idle | 20 s | 1.2% | 1 of 2 (" in table


def test_small_differences_are_told_where_launches_scatter_little():
    noisy = replace(trial(2, 1, per_mille=10), scatter=0.05)

    table = ab_table([trial(0, 1, per_mille=10), trial(1, per_mille=10), noisy], [])

    assert "Where launches scatter by 3% or less, `ab` found a difference of 1% in 1 of 2 (" in table


def test_a_trial_that_cannot_be_trusted_has_seen_nothing():
    table = ab_table([trial(0, 1, trusted=False), trial(1)], [])

    assert "| 0 of 2 (" in table and "Of 2 trials of `ab`, 1 said that they cannot be trusted" in table


def test_table_says_whether_all_tools_took_the_same_time():
    table = ab_table([trial(0), replace(trial(1), seconds=5.5), trial(0, tool="pyperf")], [])

    assert "in the median, with starts and pilots: `ab` 105%, `pyperf` 100%." in table


def test_work_of_other_programs_is_seen_and_that_of_children_is_not():
    """A trial beside other work says nothing of an idle machine."""
    others = Others()
    child = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    while processor_seconds(child.pid) < 0.5:
        time.sleep(0.05)
    while_it_runs_s = others.processors() * others.seconds()
    child.kill()
    child.wait()

    assert while_it_runs_s - others.processors() * others.seconds() > 0.4


def processor_seconds(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def test_the_overhead_of_a_launch_is_a_sentence():
    text = ab_table(
        [trial(0)], [Overhead("ab", 0.002, 0.001, "a chip"), Overhead("hyperfine", 0.0005, 0.0008, "a chip")]
    )

    assert text.endswith(
        "A launch of `true` takes `ab` 2.00 ms and `hyperfine` 500 µs beside the time that is reported, "
        "which is 1.00 ms and 800 µs (a chip)."
    )


def test_trials_of_no_file_are_none(tmp_path):
    assert load(tmp_path / "none") == []
    assert {cell.trials for cell in CELLS} == {20, 400}
