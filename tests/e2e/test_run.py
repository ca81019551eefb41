"""Whole runs of a real kernel: the answer, the files, and the exit status."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from harness.export import FORMATS
from harness.prepare.check import launches_of
from harness.report.csv import COLUMNS
from harness.util.paths import ROOT
from tests import toy_run
from tests.command import harness
from tests.needs import need
from tests.toy import CONFIG, KERNEL, SOURCE, add_rung
from tests.toy_run import copy_project, run_toy


def test_a_run_ends_with_the_answer_and_status_0(finished_run):
    answer, report = finished_run.stdout.splitlines()

    assert finished_run.returncode == 0, finished_run.stderr
    assert answer.startswith("On this machine, ")
    assert ", the product of two 64 × 64 matrices of doubles takes Toy (" in answer
    assert report == f"Report: {finished_run.folder / 'report.html'}"


def test_a_run_leaves_its_four_files(finished_run):
    names = {path.name for path in finished_run.folder.iterdir()}

    assert {"run.json", "samples.jsonl", "results.csv", "report.html"} <= names


def test_run_json_tells_what_was_run_on_what(finished_run):
    record = json.loads((finished_run.folder / "run.json").read_text())

    assert record["config"]["n"] == 64 and record["host"]["cpu"]
    assert record["toolchains"]["toy/naive"]["version"].startswith("Python 3.")
    assert len(record["inputs"]["sha256_a"]) == 64
    assert record["built"]["toy/naive"]["digest"]
    launches = launches_of(tuple(record["config"]["check_sizes"]), threads=1)
    assert record["checked"]["toy/naive"]["launches"] == len(launches)
    assert record["peak"]["gflops"]["1"] > 0.1


def test_a_run_with_a_wrong_kernel_ends_with_status_1(failed_run):
    assert failed_run.returncode == 1


def test_results_csv_has_the_columns_that_are_promised(failed_run):
    results = failed_run.results()

    assert list(results.columns) == list(COLUMNS)[1:]
    promised = {"time_s", "low_s", "high_s", "rank", "build_s", "start_s", "io_s", "first_call_s", "lines"}
    assert promised <= set(results)


def test_results_csv_has_the_times_of_a_right_kernel(failed_run):
    row = failed_run.results().loc["toy/naive"]

    assert (row.status, row.verified, row.speedup) == ("ok", True, 1)
    assert row.low_s <= row.time_s <= row.high_s
    assert row.min_s <= row.time_s and row.peak_rss_bytes > 2**20
    assert row.gflops == pytest.approx(2 * 64**3 / row.time_s / 1e9)


def test_results_csv_has_a_reason_for_a_wrong_kernel(failed_run):
    row = failed_run.results().loc["toy/parallel"]

    assert (row.status, row.verified) == ("failed", False) and pd.isna(row.time_s)
    assert "values are wrong" in row.reason


@pytest.mark.long(20)
def test_a_run_of_several_sizes_has_a_row_per_size(project):
    add_rung(project, "parallel", "return c if len(c) != 48 * 48 else [0.0] * len(c)")

    run = run_toy(project, "--sizes", "48,32,64")

    sizes = pd.read_csv(run.folder / "sizes.csv")
    assert run.returncode == 1
    assert list(sizes[sizes.kernel == "toy/naive"].n) == [32, 48, 64]
    assert sizes.gflops.to_list() == pytest.approx((2 * sizes.n**3 / sizes.time_s / 1e9).to_list())
    assert "FAILED toy/parallel: measure: " in run.stdout and "(n = 48, rows = 48)" in run.stdout
    assert 'id="sizes"' in (run.folder / "report.html").read_text()

    again = harness("report", "--config", run.config)

    assert again.returncode == 0 and 'id="sizes"' in (run.folder / "report.html").read_text()


def test_every_launch_is_verified_against_one_reference(checked_project):
    run = run_toy(checked_project, "--full")

    samples = [json.loads(line) for line in (run.folder / "samples.jsonl").read_text().splitlines()]
    whole = [sample for sample in samples if sample["rows"] == 64 and not sample["row0"]]
    assert len(whole) >= 3 and len({sample["sha256"] for sample in whole}) == 1


def test_a_kernel_for_another_cpu_is_skipped_with_the_reason(checked_project):
    folder = checked_project / "kernels" / "quantum"
    folder.mkdir()
    text = KERNEL.replace("Toy", "Quantum").replace("naive: {", "engine: {requires: [quantum_tile], products: 15, ")
    (folder / "kernel.yaml").write_text(text)
    (folder / "naive.py").write_text(SOURCE)

    run = run_toy(checked_project)

    row = run.results().loc["quantum/engine"]
    assert run.returncode == 0
    assert (row.status, row.reason) == ("skipped", "this CPU has no quantum_tile")


def test_a_kernel_that_does_not_build_is_a_failed_row(checked_project, compiler):
    bad = checked_project / "kernels" / "bad"
    bad.mkdir()
    (bad / "kernel.yaml").write_text(
        "name: Bad\nversion: gcc --version\nbuild: gcc -o {out} {source}\nrun: '{out}'\n"
        "rungs:\n  naive: {source: x.c}\n"
    )
    (bad / "x.c").write_text("int main(void) { return missing; }\n")

    run = run_toy(checked_project)

    assert run.returncode == 1
    assert "FAILED bad/naive: build: 'gcc -o" in run.stdout
    assert "undeclared" in run.stdout
    assert run.results().loc["toy/naive"].status == "ok"


def test_hostile_names_of_folders_are_only_names(tmp_path):
    project = tmp_path / "a b'c$(touch x)\"; <b>é"
    (project / "kernels" / "toy").mkdir(parents=True)
    (project / "config.yaml").write_text(CONFIG)
    (project / "kernels" / "toy" / "kernel.yaml").write_text(KERNEL)
    (project / "kernels" / "toy" / "naive.py").write_text(SOURCE)

    run = run_toy(project)

    assert run.returncode == 0, run.stderr
    assert "<b>" not in (run.folder / "report.html").read_text()
    assert not list(tmp_path.glob("**/x"))


@pytest.fixture
def more(tmp_path):
    """Return a folder of languages with one language, `mine`."""
    folder = tmp_path / "elsewhere"
    (folder / "mine").mkdir(parents=True)
    (folder / "mine" / "kernel.yaml").write_text(KERNEL.replace("Toy", "Mine"))
    (folder / "mine" / "naive.py").write_text(SOURCE)
    return folder


def test_a_folder_of_more_languages_is_added(checked_project, more):
    run = run_toy(checked_project, "--kernels", str(more))

    assert run.returncode == 0, run.stderr
    results = run.results()
    assert list(results.index) == ["toy/naive", "mine/naive"] and (results.status == "ok").all()


def test_a_language_that_is_there_twice_is_refused(project, more):
    (more / "mine").rename(more / "toy")

    run = run_toy(project, "--kernels", str(more))

    assert run.returncode == 2 and "the folder's name, toy, is already that of" in run.stderr


def test_files_that_are_passed_on_do_not_tell_whose_they_are(tmp_path_factory, tmp_path):
    """Neither of a kernel that runs nor of one that does not build: its commands and its output name its folder."""
    need(os.getuid() == 0 and shutil.which("unshare"), "root and unshare")
    home = tmp_path / "janedoe"
    project = copy_project(toy_run.checked_project(tmp_path_factory), home / "project")
    add_rung(project, "interchange", f"raise OSError({str(home)!r})")
    config = str(project / "config.yaml")
    words = [sys.executable, "-m", "harness", "run-all", "--config", config]
    done = subprocess.run(
        ["unshare", "--uts", "sh", "-c", f"hostname janes-machine && exec {shlex.join(words)}"],
        cwd=ROOT,
        env=os.environ | {"HOME": str(home), "USER": "janedoe", "LOGNAME": "janedoe"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    run = (project / "reports" / "latest").resolve()
    env = os.environ | {"HOME": str(home)}
    assert harness("compare", str(run), str(run), "--config", config, env=env).returncode == 0
    texts = {
        path.name: path.read_text() for path in (*run.iterdir(), project / "reports" / "compare.html") if path.is_file()
    }
    texts |= {
        name: harness("export", str(run), "--format", name, "--config", config, env=env).stdout for name in FORMATS
    }

    assert len(texts) == 5 + len(FORMATS) and all(texts.values())
    telling = re.compile(r"janedoe|janes-machine")
    assert {name: telling.findall(text) for name, text in texts.items() if telling.search(text)} == {}


def test_a_run_in_the_user_s_home_is_resumed(checked_project):
    """Its folders are stored without the path of the home."""
    config, env = str(checked_project / "config.yaml"), os.environ | {"HOME": str(checked_project.parent)}
    assert harness("run-all", "--config", config, env=env).returncode == 0
    run = (checked_project / "reports" / "latest").resolve()

    done = harness("run-all", "--resume", str(run), env=env)

    assert done.returncode == 0, done.stderr
    assert json.loads((run / "run.json").read_text())["config"]["build_dir"].startswith("~/")
