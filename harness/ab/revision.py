"""Name a revision of a git repository. Pure."""

from __future__ import annotations

from dataclasses import dataclass

WORKING_TREE = "."
"""The word for the files as they are, changes and new files included. git allows no branch or tag of this name."""

SHORT = 9
"""Length to which a commit's name is shortened in what people read."""


@dataclass(frozen=True)
class Revision:
    """A revision as the user names it, and its commit.

    `changed_files` is the number of files in which the working tree differs from the commit; 0 for any other revision.
    """

    name: str
    commit: str
    changed_files: int = 0

    def __str__(self) -> str:
        short = self.commit[:SHORT]
        if self.name != WORKING_TREE:
            return f"{self.name} ({short})"
        files = "1 changed file" if self.changed_files == 1 else f"{self.changed_files or 'no'} changed files"
        return f"the working tree ({short} and {files})"
