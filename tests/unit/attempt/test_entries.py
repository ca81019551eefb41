"""The entries of a folder, and the source of each."""

from __future__ import annotations

import os

import pytest

from harness.attempt.entries import MAX_FILES, Entry, entries_in, source_of
from harness.model.errors import UsageError

SUFFIXES = (".c", ".py")


def write(folder, *names):
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text("x")


def source(path):
    return source_of(Entry(path.name, path), SUFFIXES)


def test_files_and_folders_are_entries_in_order(tmp_path):
    write(tmp_path, "b.c", "a.py", ".hidden")
    (tmp_path / "c").mkdir()

    assert [entry.name for entry in entries_in(tmp_path)] == ["a.py", "b.c", "c"]


def test_names_that_look_alike_differ(tmp_path):
    write(tmp_path, "a\n", r"a\n", os.fsdecode(b"a\xe9"))

    names = [entry.name for entry in entries_in(tmp_path)]

    assert sorted(names) == sorted([r"a\n", r"a\\n", r"a\xe9"])


def test_empty_folder_is_refused(tmp_path):
    with pytest.raises(UsageError, match="has no entries"):
        entries_in(tmp_path)


def test_file_is_its_own_source(tmp_path):
    write(tmp_path, "a.c")

    assert source(tmp_path / "a.c").file == tmp_path / "a.c"


def test_only_source_of_a_folder_is_built_with_its_other_files(tmp_path):
    write(tmp_path / "ada", "kernel.c", "kernel.h", ".secret")
    (tmp_path / "ada" / "link.h").symlink_to("/etc/passwd")

    found = source(tmp_path / "ada")

    assert found.file.name == "kernel.c" and [path.name for path in found.helpers] == ["kernel.h"]


def test_of_several_sources_the_main_one_is_built(tmp_path):
    write(tmp_path / "ada", "my.c", "plot.py")

    assert source(tmp_path / "ada").file.name == "my.c"


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ((), "has no file with the suffix of a language"),
        (("a.txt",), "has no file with the suffix of a language"),
        (("a.c", "b.c"), "has 2 sources, and one of them must be named my or main or multiply, with its suffix"),
        (("my.c", "my.py"), "has 2 sources, and one"),
    ],
)
def test_folder_without_one_source_is_refused(tmp_path, names, reason):
    write(tmp_path / "ada", *names)

    with pytest.raises(UsageError, match=f"^{reason}"):
        source(tmp_path / "ada")


def test_folder_of_very_many_files_is_refused(tmp_path):
    write(tmp_path / "ada", *(f"{i}.c" for i in range(MAX_FILES + 1)))

    with pytest.raises(UsageError, match="has more than 1000 files"):
        source(tmp_path / "ada")


def test_link_is_refused_wherever_it_leads(tmp_path):
    write(tmp_path, "a.c")
    (tmp_path / "b.c").symlink_to("a.c")

    with pytest.raises(UsageError, match=r"^is a link"):
        source(tmp_path / "b.c")


def test_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / "a.c")

    with pytest.raises(UsageError, match=r"^is neither a file nor a folder"):
        source(tmp_path / "a.c")
