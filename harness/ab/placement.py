"""Give each command of a group the folder of its revision. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.ab.commands import Group, Preparation
from harness.ab.revision import Revision

Places = Sequence[tuple[Revision, Path]]
"""Revisions with the folders that hold their files."""


def at_revisions(group: Group, places: Places) -> Group:
    """Return a group whose commands run at one revision each, in its folder; setups and cleanups run in all folders."""
    return replace(
        group,
        commands=tuple(
            replace(
                command,
                folder=folder,
                revision=revision,
                prepare=command.prepare and replace(command.prepare, folder=folder),
            )
            for command, (revision, folder) in zip(group.commands, places, strict=True)
        ),
        setups=_in_all(places, group.setups),
        cleanups=_in_all(places, group.cleanups),
    )


def _in_all(places: Places, preparations: tuple[Preparation, ...]) -> tuple[Preparation, ...]:
    return tuple(replace(preparation, folder=folder) for _, folder in places for preparation in preparations)
