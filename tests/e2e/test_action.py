"""Run action.yml, and the recipes of docs/ci.md, in a repository with two revisions."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from harness.util.paths import ROOT
from tests.action import ACTION, Outcome, action_folder, run_action
from tests.documents import commands_of
from tests.repository import git, make_repository, sleeping, state, write


@pytest.fixture
def folder(tmp_path) -> Path:
    return action_folder(tmp_path / "action")


@pytest.fixture
def repository(tmp_path) -> Path:
    """Make a repository whose program takes so much longer at HEAD that a busy machine does not hide it."""
    return make_repository(tmp_path / "repository", "0.01", "0.1")


def compare(repository: Path, folder: Path, options: str = "--runs 8", **inputs: str) -> Outcome:
    """Compare the program at HEAD with that before."""
    return run_action(repository, folder, **{"command": "./program", "build": "make", "options": options} | inputs)


def test_a_regression_is_status_3_with_a_summary_and_a_comment(repository, folder):
    before = state(repository)

    outcome = compare(repository, folder)

    assert (outcome.status, outcome.outputs["status"]) == (3, "3"), outcome.log
    assert "| A: ./program at HEAD^1 (" in outcome.summary.replace("\\", "")
    assert "**B is slower than A: " in outcome.summary and "**Slower by more than 5%: B**" in outcome.summary
    assert Path(outcome.outputs["comment-file"]).read_text() == outcome.summary
    assert state(repository) == before


def test_a_bound_that_is_kept_is_status_0(repository, folder, tmp_path):
    outcome = compare(repository, folder, fail_on_regression="100000", comment_file=str(tmp_path / "comment"))

    assert (outcome.status, outcome.outputs["status"]) == (0, "0"), outcome.log
    assert "**B is slower than A: " in (tmp_path / "comment").read_text()


def test_a_clone_of_one_commit_gets_its_parent(repository, folder, tmp_path):
    """As actions/checkout makes it."""
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", "clone")

    outcome = compare(tmp_path / "clone", folder, fail_on_regression="100000")

    assert outcome.status == 0, outcome.log


def test_a_failed_build_is_in_the_summary(repository, folder):
    outcome = compare(repository, folder, build="echo 'no such header'; exit 1")

    assert (outcome.status, outcome.outputs["status"]) == (1, "1")
    assert outcome.summary.startswith("--build: 'echo 'no such header'; exit 1' exited with status 1 at HEAD^1 (")
    assert "  no such header\n" in outcome.log


def test_options_are_words_and_nothing_that_a_shell_interprets(repository, folder, tmp_path):
    options = f"--runs 6 --prepare 'echo \"$PWD\" >>{tmp_path}/prepared' --any-output"

    outcome = compare(repository, folder, options, command="echo $0 | cat", fail_on_regression="100000")

    assert outcome.status == 0, outcome.log
    assert len(set((tmp_path / "prepared").read_text().split())) >= 2


def test_kernels_are_checked_in_place_of_a_comparison(repository, folder, checked_project):
    config = f"--config '{checked_project}/config.yaml'"

    passed = run_action(repository, folder, check="toy", options=config)
    failed = run_action(repository, folder, check="toy/none", options=config)

    assert passed.status == 0 and passed.summary.startswith("```\n") and "toy/naive" in passed.summary, passed.log
    assert failed.status == 2 and "no kernel matches" in failed.summary


def recipes() -> list[str]:
    """Return the commands of docs/ci.md for GitLab and for any shell, but for the installation."""
    page = (ROOT / "docs" / "ci.md").read_text()
    [gitlab] = re.findall(r"## GitLab\n\n```yaml\n(.*?)```", page, re.S)
    [job] = yaml.safe_load(gitlab).values()
    return [*(line for line in job["script"] if "WHEEL" not in line), *commands_of(page)]


@pytest.mark.parametrize("command", recipes())
def test_a_recipe_works(repository, tmp_path, monkeypatch, command):
    """The recipes run, with fewer rounds, in a clone whose program is slower at HEAD.

    In the working tree it is as fast as before. One run in a hundred cannot be trusted, and accuses nobody.
    """
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(repository), "clone")
    git(clone, "update-ref", "refs/remotes/origin/main", "HEAD~1")
    write(clone, program_sh=sleeping("0.01"))
    programs = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    variables = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": "origin/main", "PATH": programs, "PYTHONPATH": str(ROOT)}

    done = subprocess.run(
        ["sh", "-c", command.replace(" --build", " --runs 8 --build").replace("--time 30", "")],
        cwd=clone,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )

    comment = clone / "comment.md"
    if "comment.md" in command:
        assert "**B is slower than A: " in comment.read_text(), done.stderr
        assert done.returncode == (1 if "NOT EQUAL" in comment.read_text() else 3)
    else:
        assert done.returncode == 0 and "B is faster than A: " in done.stdout, done.stderr


def test_the_action_of_the_page_has_the_inputs_that_it_names():
    page = (ROOT / "docs" / "ci.md").read_text()
    named = re.findall(r"^\| (`[\w-]+`(?:, `[\w-]+`)*) \|", page, re.M)
    examples = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", page, re.S)]
    [compare] = [step for step in examples[0]["jobs"]["compare"]["steps"] if step.get("id") == "compare"]

    names = re.findall(r"`([\w-]+)`", " ".join(named))
    assert set(names) == {*ACTION["inputs"], *ACTION["outputs"]}
    assert {*compare["with"], *examples[1][0]["with"]} <= set(names)
