"""Runs beside each other: what changed, what did not, what cannot be compared, and the exit status for CI."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from harness.analysis.compare import FASTER, NOT_COMPARABLE, SAME, SLOWER, Run, compare
from harness.config.load import load_config
from harness.model.result import Row
from harness.model.sample import Sample, SystemDelta
from harness.report.comparison import lines, page
from tests.command import harness

N = 64


def samples(floor_ns: float, seed: int, core_ns: int = 2_000_000) -> list[Sample]:
    """Twelve launches of two calls."""
    random = np.random.default_rng(seed)
    made = []
    for launch in range(12):
        times = floor_ns * (1 + random.exponential(0.01, 2))
        watch = SystemDelta(core_ns=int(core_ns * (1 + random.exponential(0.01))), memory_ns=1)
        made += [
            Sample(
                "x/naive",
                launch,
                rep,
                2,
                "measure",
                N,
                N,
                0,
                1,
                int(ns),
                "",
                "",
                int(3 * ns),
                1,
                1,
                0,
                0,
                0,
                launch,
                watch,
            )
            for rep, ns in enumerate(times)
        ]
    return made


def run(name: str, floor_ns: float = 1e8, seed: int = 1, core_ns: int = 2_000_000, **changed) -> Run:
    row = Row("x/naive", "x", "X", "naive", "naive, 1 thread", "ok", "", N, N, 1, False, 24, median_s=floor_ns / 1e9)
    facts = {
        "id": name,
        "host": {"cpu": changed.pop("cpu", "a CPU")},
        "backend": {"name": changed.pop("backend", "native")},
        "toolchains": {"x/naive": {"version": changed.pop("version", "x 1.0")}},
        "built": {"x/naive": {"digest": "d"}},
    }
    row = replace(row, **changed.pop("row", {}))
    config = replace(load_config(), n=N, **changed)
    return Run(facts, config, {"x/naive": row}, {"x/naive": samples(floor_ns, seed, core_ns)})


def verdict(before: Run, after: Run) -> str:
    [change] = compare(before, after).changes
    return change.verdict


def test_a_kernel_that_takes_a_tenth_longer_is_slower_and_the_other_way_faster():
    assert verdict(run("a"), run("b", 1.1e8, seed=2)) == SLOWER
    assert verdict(run("a", 1.1e8), run("b", seed=2)) == FASTER


def test_no_difference_is_seen_between_equal_runs():
    [change] = compare(run("a"), run("b", seed=2)).changes
    assert change.verdict == SAME
    assert change.low < 1 < change.high
    assert change.ratio == pytest.approx(1, abs=0.01)


def test_a_machine_that_was_slower_altogether_explains_as_much_of_a_difference():
    comparison = compare(run("a"), run("b", 1.1e8, seed=2, core_ns=2_200_000))
    assert comparison.variation.size == pytest.approx(0.1, abs=0.02)
    assert comparison.changes[0].verdict == SAME


def many(name: str, seed: int, scale: float, slowed: dict[int, float]) -> Run:
    """A run of twenty kernels, each slower or faster by chance on a scale; `slowed` have other code and more work."""
    single, random = run(name), np.random.default_rng(seed)
    rows, made, built = {}, {}, {}
    for i in range(20):
        kernel = f"x/naive-{i}"
        floor = 1e8 * np.exp(random.normal(0, scale)) * slowed.get(i, 1)
        rows[kernel] = replace(single.rows["x/naive"], kernel=kernel)
        made[kernel] = [replace(sample, kernel=kernel) for sample in samples(floor, 100 * seed + i)]
        built[kernel] = {"digest": f"{slowed.get(i)}"}
    versions = {kernel: {"version": "x 1.0"} for kernel in rows}
    return Run(single.facts | {"toolchains": versions, "built": built}, single.config, rows, made)


def test_what_equal_code_differs_by_is_not_called_a_difference():
    comparisons = [compare(many("a", seed, 0.05, {}), many("b", seed + 50, 0.05, {})) for seed in range(10)]
    called = sum(change.verdict != SAME for found in comparisons for change in found.changes)
    assert called <= 0.05 * 200
    assert all(found.variation.controls == 20 for found in comparisons)
    assert float(np.median([found.variation.size for found in comparisons])) == pytest.approx(0.07, rel=0.5)


def test_code_that_changed_is_found_beside_code_that_did_not():
    slowed = {3: 1.1, 7: 1.1}
    comparison = compare(many("a", 1, 0.001, {}), many("b", 2, 0.001, slowed))
    assert comparison.variation.controls == 18
    found = [change.kernel for change in comparison.changes if change.verdict != SAME]
    assert found == ["x/naive-3", "x/naive-7"]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"cpu": "another"}, "another CPU: a CPU before, another after"),
        ({"version": "x 2.0"}, "another toolchain: x 1.0 before, x 2.0 after"),
        ({"seed": 7}, "another input"),
        ({"backend": "docker"}, "another backend"),
        ({"pages": "4k"}, "another memory pages: as-is before, 4k after"),
        ({"row": {"threads": 2}}, "another number of threads"),
        ({"row": {"estimated": True, "rows": 8}}, "measured whole before, estimated from 8 rows after"),
        (
            {"row": {"median_s": None, "status": "failed", "reason": "check: wrong"}},
            "failed in the later run: check: wrong",
        ),
    ],
)
def test_what_cannot_be_compared_says_why(changed, reason):
    [change] = compare(run("a"), _other(changed)).changes
    assert change.verdict == NOT_COMPARABLE
    assert reason in change.reason
    assert change.before_s == 0.1 and change.ratio is None  # shown beside each other, and not compared


def _other(changed: dict) -> Run:
    changed = dict(changed)
    seed = changed.pop("seed", None)
    other = run("b", **changed)
    return other if seed is None else replace(other, config=replace(other.config, seed=seed))


def test_a_kernel_of_one_run_only_is_a_row_too():
    before = run("a")
    after = replace(before, rows={}, samples={})
    [change] = compare(before, after).changes
    assert (change.verdict, change.reason) == (NOT_COMPARABLE, "not in the later run")


def test_a_regression_is_one_that_is_surely_larger_than_the_percentage():
    comparison = compare(run("a"), run("b", 1.1e8, seed=2))
    assert [change.kernel for change in comparison.regressions(5)] == ["x/naive"]
    assert comparison.regressions(15) == []


def test_the_page_and_the_lines_say_the_same_and_names_stay_data():
    comparison = compare(run("<b>a</b>"), run("b", 1.1e8, seed=2))
    text, html = "\n".join(lines(comparison)), page([comparison])
    assert f"x {comparison.changes[0].ratio:.3f}" in text and f"{comparison.changes[0].ratio:.3f}" in html
    assert "<b>a</b>" not in html and "&lt;b&gt;a" in html


def as_if_quiet(samples: str, times: float) -> str:
    """The samples of a run with times that no other load of the machine is in, all so many times a base."""
    lines = []
    for sample in map(json.loads, samples.splitlines()):
        ns = int(times * (sample["rows"] * 150_000 + sample["launch"] % 7 * 10_000 + sample["rep"] * 1000))
        wall_ns = sample["reps"] * ns + 50_000_000
        lines.append(json.dumps(sample | {"ns": ns, "launch_wall_ns": wall_ns, "launch_cpu_ns": wall_ns}))
    return "\n".join(lines) + "\n"


def test_a_regression_is_exit_status_3_and_only_where_it_is_asked_for(project):
    settings = (project / "config.yaml").read_text().replace("rounds: 3\n", "rounds: 20\n", 1)
    (project / "config.yaml").write_text(settings.replace("target: 0.5", "target: 0.001"))
    config = ["--config", str(project / "config.yaml")]
    assert harness("run-all", *config, "--budget", "4").returncode == 0
    before = (project / "reports" / "latest").resolve()
    after = before.with_name("slower")
    after.mkdir()
    (after / "run.json").write_text((before / "run.json").read_text().replace(before.name, after.name))
    measured = (before / "samples.jsonl").read_text()
    (before / "samples.jsonl").write_text(as_if_quiet(measured, 1))
    (after / "samples.jsonl").write_text(as_if_quiet(measured, 2))
    done = harness("compare", str(before), str(after), *config, "--fail-on-regression", "20")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "toy/naive  slower" in done.stdout and "Slower by more than 20%: toy/naive" in done.stdout
    assert (project / "reports" / "compare.html").exists()
    assert harness("compare", str(before), str(after), *config).returncode == 0
    assert harness("compare", str(before), str(before), *config, "--fail-on-regression", "0").returncode == 0
    one = harness("compare", str(before), *config)
    assert one.returncode == 2 and "expected two runs or more" in one.stderr
