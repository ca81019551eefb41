"""Test how revisions are read from a repository, with git itself."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from harness.ab.repository import Repository, repository_here, without_location
from harness.ab.revision import Revision
from harness.model.errors import UsageError
from tests.repository import commit, git, make_repository, sleeping, state, write


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Make a repository, and work in it."""
    folder = make_repository(tmp_path / "repository")
    monkeypatch.chdir(folder)
    return folder


def files_at(repository: Repository, name: str, target: Path) -> dict[str, str]:
    """Return the files of a revision, as a worktree has them."""
    with repository.worktree(repository.resolve(name), target) as place:
        paths = [path for path in place.rglob("*") if path.is_file() and path.name != ".git"]
        return {path.relative_to(place).as_posix(): path.read_text() for path in paths}


def test_a_worktree_has_the_files_of_its_revision(folder, tmp_path):
    files = files_at(repository_here(), "base", tmp_path / "w")

    assert files.keys() == {"program.sh", "Makefile", ".gitignore"}
    assert files["program.sh"] == sleeping("0.01")


def test_the_working_tree_has_changes_but_no_ignored_files(folder, tmp_path):
    write(folder, program_sh="changed", new="new", x_log="ignored")
    (folder / "Makefile").unlink()
    (folder / "a folder").mkdir()
    (folder / "a folder" / "ü\n").write_text("strange")
    (folder / "link").symlink_to("program.sh")

    files = files_at(repository_here(), ".", tmp_path / "w")

    assert files == {
        ".gitignore": "program\n*.log\n",
        "program.sh": "changed",
        "new": "new",
        "a folder/ü\n": "strange",
        "link": "changed",
    }


def test_the_working_tree_has_staged_changes_and_modes(folder, tmp_path):
    write(folder, staged="staged", program_sh="changed")
    git(folder, "add", "--all")
    (folder / "program.sh").chmod(0o644)
    repository = repository_here()

    with repository.worktree(repository.resolve("."), tmp_path / "w") as place:
        modes = [os.access(place / name, os.X_OK) for name in ("staged", "program.sh", "Makefile")]

    assert modes == [True, False, True]


def test_a_file_that_became_a_folder_is_one(folder, tmp_path):
    """And a folder that became a file is a file."""
    (folder / "kind").mkdir()
    commit(folder, "more", other="a file")
    write(folder / "kind", x="in a folder")
    commit(folder, "more")
    shutil.rmtree(folder / "kind")
    (folder / "other").unlink()
    (folder / "other").mkdir()
    write(folder, kind="a file")
    write(folder / "other", x="in a folder")

    files = files_at(repository_here(), ".", tmp_path / "w")

    assert (files["kind"], files["other/x"]) == ("a file", "in a folder")


def test_changed_files_keep_the_order_of_their_changes(folder, tmp_path):
    """A build would otherwise make anew what was made from a source, or not make what has to be made."""
    write(folder, a="made from b", b="a source")
    os.utime(folder / "a", (2e9, 2e9))
    repository = repository_here()

    with repository.worktree(repository.resolve("."), tmp_path / "w") as place:
        source, made = ((place / name).stat().st_mtime_ns for name in "ba")

    assert source <= made


def test_nothing_of_the_user_changes(folder, tmp_path):
    write(folder, program_sh="stashed")
    git(folder, "stash")
    write(folder, program_sh="changed", new="new")
    os.utime(folder / "Makefile")  # the index does not know the new time; git status would refresh it
    before = state(folder)

    repository = repository_here()
    for number, name in enumerate((".", "HEAD", "base")):
        files_at(repository, name, tmp_path / f"w{number}")

    assert state(folder) == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("w")]


def test_hooks_of_the_repository_do_not_run(folder, tmp_path):
    hook = folder / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch '{tmp_path}/hook-ran'\n")
    hook.chmod(0o755)

    files_at(repository_here(), "base", tmp_path / "w")

    assert not (tmp_path / "hook-ran").exists()


def test_a_revision_is_shown_with_its_commit():
    commit = "0123456789abcdef"

    assert str(Revision("main", commit)) == "main (012345678)"
    assert str(Revision(".", commit, 1)) == "the working tree (012345678 and 1 changed file)"
    assert str(Revision(".", commit)) == "the working tree (012345678 and no changed files)"


def test_a_file_that_was_only_touched_is_no_change(folder):
    os.utime(folder / "program.sh")

    assert repository_here().resolve(".").changed_files == 0


@pytest.mark.parametrize("name", ["nope", "", "-x", "HEAD~9", "HEAD:Makefile"])
def test_a_revision_that_is_not_there_is_a_sentence(folder, name):
    with pytest.raises(UsageError, match=f"^--git: no revision '{name}' in {folder}$"):
        repository_here().resolve(name)


def test_a_clone_without_history_says_how_to_get_it(folder, tmp_path, monkeypatch):
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{folder}", "clone")
    monkeypatch.chdir(tmp_path / "clone")

    with pytest.raises(
        UsageError, match=r"no revision 'HEAD~1' in .*, whose history is cut off: git fetch --unshallow"
    ):
        repository_here().resolve("HEAD~1")


def test_a_folder_in_no_repository_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UsageError, match=r"^--git: not a git repository"):
        repository_here()


def test_a_machine_without_git_is_a_sentence(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(UsageError, match=r"^--git: git is not installed"):
        repository_here()


def test_a_folder_that_a_revision_does_not_have_is_a_sentence(folder, tmp_path, monkeypatch):
    (folder / "later").mkdir()
    commit(folder / "later", "later", x="x")
    monkeypatch.chdir(folder / "later")
    repository = repository_here()

    assert files_at(repository, "HEAD", tmp_path / "w") == {"x": "x"}
    with pytest.raises(UsageError, match=r"^--git: base \(.*\) has no folder later, in which to run$"):
        files_at(repository, "base", tmp_path / "w")


def test_worktrees_of_killed_processes_are_forgotten(folder, tmp_path):
    """Those of the user are kept, also where their disk is not mounted."""
    gone, own = tmp_path / "60000x-1-x" / "revision-1", tmp_path / "own"
    for path in (gone, own):
        git(folder, "worktree", "add", str(path))
        shutil.rmtree(path)

    repository_here().sweep()

    assert [line.split("/")[-1].split()[0] for line in git(folder, "worktree", "list").splitlines()] == [
        "repository",
        "own",
    ]


def test_a_hook_s_variables_do_not_reach_builds_and_commands(folder, monkeypatch):
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")

    repository = repository_here()
    with without_location():
        inside = os.environ.get("GIT_DIR"), os.environ.get("GIT_INDEX_FILE"), repository.resolve("base").name

    assert inside == (None, None, "base") and os.environ["GIT_DIR"] == ".git"
