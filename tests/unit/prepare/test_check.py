"""The launches of the checks: every size, fewer rows than columns, and all threads."""

from __future__ import annotations

from harness.config.load import load_config
from harness.prepare.check import launches_of


def test_the_checks_try_every_size_fewer_rows_and_all_threads():
    sizes = load_config().check_sizes

    launches = launches_of(sizes, 2)

    assert {launch.problem.n for launch in launches} == set(sizes)
    assert {launch.threads for launch in launches} == {1, 2}
    assert any(launch.problem.rows < launch.problem.n for launch in launches)
    assert launches[0].reps == 2
