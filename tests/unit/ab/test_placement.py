"""Test how commands get the folders of their revisions."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.ab.commands import Request, groups_of
from harness.ab.placement import at_revisions
from harness.ab.revision import Revision

PLACES = [(Revision("main", "0" * 40), Path("/a")), (Revision(".", "1" * 40, 2), Path("/b"))]


def test_each_command_runs_in_the_folder_of_its_revision():
    [group] = groups_of(Request(("true", "true"), prepare=("ls",)), shutil.which)

    first, second = at_revisions(group, PLACES).commands

    assert (first.folder, first.prepare.folder, second.folder) == (Path("/a"), Path("/a"), Path("/b"))
    assert str(first) == "A (true at main (000000000))"
    assert second.title == "true at the working tree (111111111 and 2 changed files)"


def test_setups_and_cleanups_run_in_all_folders():
    [group] = groups_of(Request(("true", "true"), setup="ls", cleanup="pwd"), shutil.which)

    placed = at_revisions(group, PLACES)

    assert [(setup.text, setup.folder) for setup in placed.setups] == [("ls", Path("/a")), ("ls", Path("/b"))]
    assert [cleanup.folder for cleanup in placed.cleanups] == [Path("/a"), Path("/b")]
