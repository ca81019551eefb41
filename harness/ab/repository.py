"""Read the git repository of the working folder, and put revisions of it into folders of their own.

Nothing that belongs to the user changes: no file of the checkout, not the index, not the stash. git writes the files of
a worktree, and what it must know of it until the worktree is removed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.ab.revision import WORKING_TREE, Revision
from harness.model.errors import HarnessError, UsageError
from harness.util.files import remove_tree
from harness.util.scratch import PREFIX

LOCATION = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX")
"""Variables by which git names the repository to the programs of a hook. In a worktree they name the wrong one."""

_READ_ONLY = {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C.UTF-8"}
"""git's settings: it must not refresh the index of the user, and its messages are quoted in English sentences."""

_QUIET = ("-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false")
"""git's options for a new worktree: the hooks of the repository are for the user's own checkouts."""


@dataclass(frozen=True)
class Repository:
    """A repository, the top of its checkout, and the working folder below this top (`prefix`, empty at the top)."""

    git_dir: Path
    top: Path
    prefix: str

    def resolve(self, name: str) -> Revision:
        """Return the revision that the user names; `.` is the working tree. Raises UsageError."""
        commitish = "HEAD" if name == WORKING_TREE else name
        words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commitish}^{{commit}}")
        try:
            commit = self._git(*words).strip()
        except HarnessError:
            raise UsageError(f"--git: no revision '{commitish}' in {self.top}{self._advice()}") from None
        return Revision(name, commit, len(self.changes()) if name == WORKING_TREE else 0)

    def changes(self) -> list[str]:
        """Return the files in which the checkout differs from HEAD, and the new ones that git does not ignore."""
        options = ("--porcelain", "-z", "--untracked-files=all", "--no-renames", "--ignore-submodules=all")
        paths = [entry[3:] for entry in self._git("status", *options).split("\0")[:-1]]  # after two letters and a space
        return [path for path in paths if not path.endswith("/")]  # a repository within this one is no file of it

    @contextlib.contextmanager
    def worktree(self, revision: Revision, folder: Path) -> Iterator[Path]:
        """Fill a folder with the files of a revision, yield its place for the working folder, and remove it at the end.

        Raises UsageError if the revision has no such place, and HarnessError if git fails.
        """
        try:
            self._git(*_QUIET, "worktree", "add", "--detach", str(folder), revision.commit)
            if revision.name == WORKING_TREE:
                _copy_changes(self.changes(), self.top, folder)
            place = folder / self.prefix
            if not place.is_dir():
                raise UsageError(f"--git: {revision} has no folder {self.prefix.rstrip('/')}, in which to run")
            yield place
        finally:
            self._remove(folder)

    def sweep(self) -> None:
        """Make git forget the worktrees of killed processes, whose folders are gone."""
        for line in self._git("worktree", "list", "--porcelain").splitlines():
            path = Path(line.removeprefix("worktree "))
            if line.startswith("worktree ") and path.parent.name.startswith(PREFIX) and not path.exists():
                self._remove(path)

    def _remove(self, folder: Path) -> None:
        remove_tree(folder)  # git removes no folder that it has filled in part, but forgets one that is gone
        with contextlib.suppress(HarnessError):  # it may know nothing of it yet
            self._git("worktree", "remove", "--force", "--force", str(folder))

    def _advice(self) -> str:
        if self._git("rev-parse", "--is-shallow-repository").strip() == "true":
            return ", whose history is cut off: git fetch --unshallow gets all of it (actions/checkout: fetch-depth: 0)"
        return ""

    def _git(self, *words: str) -> str:
        return _git(f"--git-dir={self.git_dir}", f"--work-tree={self.top}", *words, folder=self.top)


def repository_here() -> Repository:
    """Return the repository of the working folder. Raises UsageError if there is none, or no git."""
    if not shutil.which("git"):
        raise UsageError("--git: git is not installed: install it, or compare two folders without --git")
    try:
        lines = _git("rev-parse", "--absolute-git-dir", "--show-toplevel", "--show-prefix", folder=Path()).split("\n")
    except HarnessError as error:
        raise UsageError(f"--git: {error}") from None
    git_dir, top, prefix = lines[:3]
    return Repository(Path(git_dir), Path(top), prefix)


@contextlib.contextmanager
def without_location() -> Iterator[None]:
    """Remove the variables of LOCATION, so that all programs find the repository of the folder in which they run."""
    removed = {name: os.environ.pop(name) for name in LOCATION if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(removed)


def _git(*words: str, folder: Path) -> str:
    """Return what git prints. Raises HarnessError with git's own sentence."""
    done = subprocess.run(
        ["git", *words],
        cwd=folder,
        env={**os.environ, **_READ_ONLY},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        sentence = " ".join(os.fsdecode(done.stderr).split()).removeprefix("fatal: ")
        raise HarnessError(sentence or f"git {words[0]} exited with status {done.returncode}")
    return os.fsdecode(done.stdout)


def _copy_changes(paths: list[str], source: Path, target: Path) -> None:
    """Make the files at `paths` in `target` those of `source`, and remove those that `source` has no more.

    They are written in the order in which they were changed: a build compares the times of sources and of what is made
    from them.
    """
    for path in paths:
        with contextlib.suppress(OSError):  # it is new, or lies in a folder that is new
            (target / path).unlink()
    present = [path for path in paths if (source / path).is_symlink() or (source / path).is_file()]
    for path in sorted(present, key=lambda path: (source / path).lstat().st_mtime_ns):
        parent = (target / path).parent
        parent.mkdir(parents=True, exist_ok=True)
        if (target / path).is_dir():  # a folder that became a file: the files in it are removed
            shutil.rmtree(target / path)
        shutil.copy(source / path, target / path, follow_symlinks=False)
