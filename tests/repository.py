"""Make a git repository with two revisions of a program, and look at what a command left of it."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

PROGRAM = "program.sh"
"""The file that `make` copies to `program`, which git ignores."""


def git(folder: Path, *words: str) -> str:
    """Return what git prints, with an author and without the settings of the user."""
    author = ("-c", "user.name=Author", "-c", "user.email=author@example.com", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *author, *words], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit(folder: Path, message: str, **files: str) -> None:
    """Write files, by their names with `_` in place of `.`, and commit all changes."""
    write(folder, **files)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", message)


def write(folder: Path, **files: str) -> None:
    """Write executable files, by their names with `_` in place of `.`."""
    for name, text in files.items():
        path = folder / name.replace("_", ".")
        path.write_text(text)
        path.chmod(0o755)


def make_repository(folder: Path, base_s: str = "0.01", head_s: str = "0.01") -> Path:
    """Make a repository whose program sleeps for `base_s` at HEAD~1, tagged `base`, and for `head_s` at HEAD."""
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / ".gitignore").write_text("program\n*.log\n")
    commit(folder, "base", program_sh=sleeping(base_s), Makefile=f"program: {PROGRAM}\n\tcp $< $@\n")
    git(folder, "tag", "base")
    commit(folder, "head", program_sh=f"{sleeping(head_s)}# of the head\n")
    return folder


def sleeping(seconds: str) -> str:
    """Return a program that sleeps."""
    return f"#!/bin/sh\nsleep {seconds}\necho done\n"


def state(folder: Path) -> dict[str, str]:
    """Return all that belongs to the user: the files with their times, the index, the stash, branches and worktrees."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {
        **{str(path): f"{path.stat().st_mtime_ns} {digest(path)}" for path in files},
        "index": digest(folder / ".git" / "index"),
        "stash": git(folder, "stash", "list"),
        "references": git(folder, "for-each-ref"),
        "worktrees": git(folder, "worktree", "list"),
        "folders of git": " ".join(sorted(path.name for path in (folder / ".git").iterdir())),
    }


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
