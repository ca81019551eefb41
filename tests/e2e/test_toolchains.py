"""Test a real run of C by gcc and by clang in the same rounds, and the comparison of the two."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.execute.native import NativeExecutor
from harness.model.job import Provided
from tests.command import harness, invoke
from tests.needs import need
from tests.once import make_once
from tests.toy_run import run_toy

pytestmark = pytest.mark.toolchain

IDS = ["c/naive", "c/naive@clang", "c/packed", "c/packed@clang"]


def make_run(folder: Path) -> None:
    """Measure two rungs of C by two toolchains, in six rounds."""
    words = ["--only", "c/naive", "--only", "c/packed", "--toolchain", "c=gcc,clang", "--n", "128", "--rounds", "6"]
    done = harness("run-all", *words, "--backend", "native", "--out", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / "stdout").write_text(done.stdout)


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    """Return the folder of the run's reports."""
    config = load_config()
    kernels = load_kernels(config.kernels_dir, chosen={"c": ("clang",)})
    provided = NativeExecutor(config.build_dir).provide(kernels[0].toolchain)
    need(isinstance(provided, Provided), f"clang with OpenMP: {provided}")
    return make_once(tmp_path_factory, "two-toolchains", make_run)


def test_both_toolchains_are_measured_in_the_same_rounds(run):
    lines = (run / "latest" / "samples.jsonl").read_text().splitlines()
    samples = [sample for sample in map(json.loads, lines) if sample["purpose"] == "measure"]
    rounds = {name: {sample["round"] for sample in samples if sample["kernel"] == name} for name in IDS}

    assert rounds["c/naive"] == rounds["c/naive@clang"] and rounds["c/packed"] == rounds["c/packed@clang"]
    assert len(rounds["c/packed"]) == 6


def test_rows_and_record_say_which_toolchain_it_was(run):
    with (run / "latest" / "results.csv").open() as file:
        rows = {row["kernel"]: row for row in csv.DictReader(file)}
    record = json.loads((run / "latest" / "run.json").read_text())

    assert {name: (row["toolchain"], row["status"]) for name, row in rows.items()} == dict.fromkeys(
        IDS[::2], ("gcc", "ok")
    ) | dict.fromkeys(IDS[1::2], ("clang", "ok"))
    assert [kernel["id"] for kernel in record["kernels"]] == IDS
    assert record["config"]["toolchains"] == {"c": ["gcc", "clang"]}
    assert "clang" in record["toolchains"]["c/packed@clang"]["version"]
    assert "gcc" in record["toolchains"]["c/packed"]["version"]
    assert record["built"]["c/naive"]["digest"] != record["built"]["c/naive@clang"]["digest"]


def test_the_answer_is_by_the_default_toolchain(run):
    assert "C (packed, " in (run / "stdout").read_text()
    assert "C clang" not in (run / "stdout").read_text().splitlines()[0]


def test_toolchains_are_compared_side_by_side(run, tmp_path):
    page = tmp_path / "compare.html"

    done = invoke("compare", str(run / "latest"), "--by", "toolchain", "--html", str(page))

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("c=clang compared with c=gcc: both were launched in the rounds of 20")
    assert re.findall(r"^  (\S+)", done.stdout, re.M) == ["c/naive", "c/packed"]
    text = page.read_text()
    assert '<h2 id="run1">c=clang beside c=gcc</h2>' in text
    assert f"Both were launched in the rounds of {(run / 'latest').resolve().name}." in text


def test_the_comparison_is_markdown_and_json_too(run, tmp_path):
    words = ["compare", str(run / "latest"), "--by", "toolchain", "--html", str(tmp_path / "compare.html")]

    markdown, document = invoke(*words, "--markdown").stdout, json.loads(invoke(*words, "--json").stdout)

    assert "| kernel | verdict | c=gcc | c=clang | ratio | interval | instructions | why |" in markdown
    [comparison] = document["comparisons"]
    assert [change["kernel"] for change in comparison["changes"]] == ["c/naive", "c/packed"]


def test_a_run_without_the_default_toolchain_has_its_baseline_by_another(project):
    path = project / "kernels" / "toy" / "kernel.yaml"
    path.write_text(path.read_text() + "toolchains: {python3: {}, other: {}}\n")

    run = run_toy(project, "--toolchain", "toy=other")

    assert run.returncode == 0, run.stderr
    row = run.results().loc["toy/naive@other"]
    assert (row.toolchain, row.speedup) == ("other", 1.0)


def test_a_toolchain_that_is_not_there_is_a_sentence_and_status_2(project):
    run = run_toy(project, "--toolchain", "toy=gcc")

    expected = "harness: --toolchain: toy has one toolchain only: its kernel.yaml names no others\n"
    assert (run.returncode, run.stderr) == (2, expected)
    assert not (project / "reports").exists()


def test_two_runs_by_toolchain_are_bad_usage(run):
    done = invoke("compare", str(run / "latest"), str(run / "latest"), "--by", "toolchain")

    assert (done.returncode, done.stderr) == (2, "harness: --by toolchain: expected one run, found 2\n")
