"""Compare two revisions of a repository: builds, verdicts, failures, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from pathlib import Path

import pytest

from harness.util.paths import ROOT
from tests.command import command_lines, harness, invoke, started, wait_for
from tests.repository import git, make_repository, sleeping, state, write

FEW = ("--runs", "6", "--warmup", "0")
"""The fewest rounds, for what does not depend on times."""


@pytest.fixture
def repository(tmp_path, monkeypatch) -> Path:
    """Make a repository whose program is slower at HEAD, and work in it. At the end, nothing may be left behind."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    folder = make_repository(tmp_path / "repository", "0.01", "0.1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # `python -m harness` in the repository is this checkout's
    monkeypatch.chdir(folder)
    return folder


def left_behind(repository: Path) -> list[str]:
    """Return the worktrees and temporary folders that are still there."""
    [_, *worktrees] = git(repository, "worktree", "list").splitlines()
    return [*worktrees, *map(str, (repository.parent / "temporary").glob("60000x-*"))]


def test_the_slower_revision_is_slower(repository):
    before = state(repository)

    done = invoke("ab", "--git", "base", "HEAD", "--build", "make", "--runs", "8", "--json", "--", "./program")

    assert done.returncode == 0, done.stderr
    [group] = json.loads(done.stdout)["groups"]
    assert [(command["command"], command["revision"]["name"]) for command in group["commands"]] == [
        ("./program", "base"),
        ("./program", "HEAD"),
    ]
    assert group["differences"][0]["verdict"] == "slower"
    assert (state(repository), left_behind(repository)) == (before, [])


def test_the_working_tree_is_measured_with_its_changes(repository):
    write(repository, program_sh=sleeping("0.01"))
    before = state(repository)

    done = invoke("ab", "--git", "HEAD", ".", "--build", "make", *FEW, "--", "./program")

    assert done.returncode == 0, done.stderr
    assert "HEAD is the last commit, without the changes of the working tree: '.' measures these, too" in done.stderr
    assert "B  ./program at the working tree (" in done.stdout and "B is faster than A: " in done.stdout
    assert (state(repository), left_behind(repository)) == (before, [])


def test_preparations_run_in_each_revision_s_folder(repository, tmp_path):
    around = [word for option in ("setup", "cleanup") for word in (f"--{option}", f"pwd >>{tmp_path}/{option}")]
    prepare = ("--prepare", "test -e program && touch prepared")

    done = invoke("ab", "--git", "base", "HEAD", "--build", "make", *around, *prepare, *FEW, "--", "ls prepared")

    assert done.returncode == 0, done.stderr
    folders = [(tmp_path / option).read_text().split() for option in ("setup", "cleanup")]
    assert folders[0] == folders[1] and len(set(folders[0])) == 2
    assert not any(Path(folder).is_relative_to(repository) for folder in folders[0])


def test_a_list_of_values_compares_the_revisions_at_each(repository):
    done = invoke("ab", "--git", "base", "HEAD", "-L", "n", "1,2", *FEW, "--json", "--", "echo {n}")

    groups = json.loads(done.stdout)["groups"]
    assert [group["parameters"] for group in groups] == [{"n": "1"}, {"n": "2"}]
    assert [command["revision"]["name"] for command in groups[1]["commands"]] == ["base", "HEAD"]


def test_a_file_that_the_command_writes_is_that_of_its_folder(repository):
    command = "sh -c 'cat program.sh >answer'"

    done = invoke("ab", "--git", "base", "HEAD", "--output", "answer", *FEW, "--", command)

    assert done.returncode == 1
    assert "in the file answer, so that their times are no comparison" in done.stderr
    assert not (repository / "answer").exists()


def test_a_build_that_fails_is_shown_and_leaves_nothing(repository):
    build = "echo compiling; echo no such header >&2; exit 3"

    done = invoke("ab", "--git", "base", "HEAD", "--build", build, "--", "./program")

    assert (done.returncode, done.stdout) == (1, "")
    first, *shown, last = done.stderr.splitlines()
    assert first.startswith("Building base (") and shown == ["  compiling", "  no such header"]
    assert last.startswith(f"harness: --build: '{build}' exited with status 3 at base (")
    assert left_behind(repository) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--git", "nope", "HEAD", "--", "true"), "--git: no revision 'nope' in "),
        (("--git", "base", "HEAD", "--", "true", "true"), "--git: expected one command, quoted as one word, "),
        (("--build", "make", "true", "true"), "--build: builds the revisions of --git: use --setup without it"),
    ],
)
def test_wrong_usage_is_a_sentence_and_status_2(repository, words, sentence):
    done = invoke("ab", *words)

    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_build_leaves_nothing(repository, number):
    mark = f"8{os.getpid()}"
    before = state(repository)
    words = ("ab", "--git", "base", "HEAD", "--build", f"sleep {mark} & sleep {mark}", "--", "./program")

    with started(*words, cwd=repository) as process:
        wait_for(lambda: ["sleep", mark] in command_lines().values())
        process.send_signal(number)
        _, error = process.communicate(timeout=60)

    assert (process.returncode, error.splitlines()[-1]) == (130, "harness: interrupted")
    wait_for(lambda: ["sleep", mark] not in command_lines().values())
    assert (state(repository), left_behind(repository)) == (before, [])


def test_what_a_killed_comparison_left_is_removed_by_the_next(repository):
    mark = f"7{os.getpid()}"
    words = ("ab", "--git", "base", "HEAD", "--build", f"sleep {mark}", "--", "./program")
    with started(*words, cwd=repository) as process:
        wait_for(lambda: ["sleep", mark] in command_lines().values())
        process.kill()
    for pid in [pid for pid, line in command_lines().items() if line == ["sleep", mark]]:
        os.kill(pid, signal.SIGKILL)
    assert len(left_behind(repository)) == 3

    done = harness("ab", "--git", "base", "HEAD", *FEW, "--", "true", cwd=repository)

    assert (done.returncode, left_behind(repository)) == (0, []), done.stderr
