"""Wrong usage of the command line: one sentence and exit status 2, before anything is written."""

from __future__ import annotations

import pytest

from tests.command import harness, started
from tests.toy_run import run_toy


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--n", "0"], "--n: expected 1 to 32768, found 0"),
        (["--n", "x"], "'x' is not a valid integer"),
        (["--threads", "0"], "--threads: expected all or 1 to "),
        (["--rounds", "0"], "--rounds: expected 1 to 1000, found 0"),
        (["--quick", "--effort", "thorough"], "--quick: the short form of --effort quick"),
        (["--only", "nothing/*"], "no kernel matches 'nothing/*'; there are toy/naive"),
        (["--backend", "podman"], "'podman' is not one of"),
        (["--fast"], "No such option"),
    ],
)
def test_a_wrong_option_is_a_sentence_and_status_2(project, words, expected):
    run = run_toy(project, *words)

    assert run.returncode == 2
    assert expected in run.stderr and "Traceback" not in run.stderr
    assert not (project / "reports").exists()


@pytest.mark.parametrize("sizes", ["x", "0", "64,-1", "99999"])
def test_an_impossible_size_is_a_sentence_and_status_2(project, sizes):
    run = run_toy(project, f"--sizes={sizes}")

    assert run.returncode == 2
    assert f"--sizes: expected numbers from 1 to 32768 such as 256,512,1024, found {sizes}" in run.stderr


def test_an_absent_baseline_is_a_sentence_and_status_2(project):
    path = project / "config.yaml"
    path.write_text(path.read_text().replace("toy/naive", "toy/fast"))

    run = run_toy(project)

    assert run.returncode == 2
    assert run.stderr == f"harness: {path}: baseline: no kernel 'toy/fast'; there are toy/naive\n"


def test_an_absent_folder_of_languages_is_refused(project):
    run = run_toy(project, "--kernels", str(project / "nothing"))

    assert run.returncode == 2 and "--kernels: no such folder" in run.stderr


def test_an_absent_run_to_resume_is_a_sentence_and_status_2():
    done = harness("run-all", "--resume", "/nowhere")

    assert (done.returncode, done.stdout) == (2, "")
    assert "/nowhere/run.json: cannot be read: No such file or directory" in done.stderr


def test_a_source_that_links_out_of_its_folder_is_never_run(project):
    source = project / "kernels" / "toy" / "naive.py"
    source.rename(project / "outside.py")
    source.symlink_to(project / "outside.py")

    run = run_toy(project)

    assert run.returncode == 1 and "FAILED toy/naive: build: " in run.stdout
    assert run.results().loc["toy/naive", "status"] == "failed"


@pytest.mark.parametrize(
    "text", ['{"format": 5}', '{"format": 5, "config": {}}', '{"format": 5, "config": {"n": 3}, "kernels": 7}']
)
def test_a_run_folder_of_another_format_is_a_sentence(copied_run, text):
    (copied_run.folder / "run.json").write_text(text)

    done = harness("report", "--config", copied_run.config)

    assert done.returncode == 2 and "not of this format" in done.stderr, done.stderr


def test_a_second_run_at_the_same_time_is_refused(project):
    with started("run-all", "--config", str(project / "config.yaml"), "--rounds", "100") as first:
        assert first.stderr.readline().startswith("Run ")

        run = run_toy(project)

        assert run.returncode == 2
        assert f"another run is under way on this machine (process {first.pid})" in run.stderr
