"""Test that paths in files that are passed on do not tell whose they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.util import home
from harness.util.home import command_without_home, values_without_home, with_home, without_home


@pytest.fixture(autouse=True)
def ann(monkeypatch):
    """Let the user be ann."""
    monkeypatch.setenv("HOME", "/home/ann/")
    for cached in (home._homes, home._pattern):
        cached.cache_clear()
    yield
    for cached in (home._homes, home._pattern):
        cached.cache_clear()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gcc -o /home/ann/build/out", "gcc -o ~/build/out"),
        ("-I/home/ann/include", "-I~/include"),
        ("cannot read '/home/ann'", "cannot read '~'"),
        ("/home/anna/build /home/ann.old /mnt/home/ann", "/home/anna/build /home/ann.old /mnt/home/ann"),
    ],
)
def test_home_is_a_tilde_where_it_is_a_whole_folder(text, expected):
    assert without_home(text) == expected


def test_a_command_is_the_same_when_it_is_stored_and_read_again():
    words = ["run-all", "--out", "/home/ann/my runs", "--config", "/home/ann/config.yaml", "--only", "c/*"]

    assert command_without_home(words) == "run-all --out ~/'my runs' --config ~/config.yaml --only 'c/*'"
    assert command_without_home(values_without_home(words)) == command_without_home(words)


def test_every_text_of_a_document_is_changed_and_nothing_else():
    value = {"path": "/home/ann/x", "list": ["/home/ann", 1, None, True], "inner": {"a": 1.5}}

    assert values_without_home(value) == {"path": "~/x", "list": ["~", 1, None, True], "inner": {"a": 1.5}}


def test_a_stored_folder_is_that_of_the_user_who_reads_it():
    assert with_home(Path("~/build")) == Path("/home/ann/build")
    assert with_home(Path("/data/~/build")) == Path("/data/~/build")


def test_a_user_without_a_home_changes_nothing(monkeypatch):
    monkeypatch.setenv("HOME", "/")
    monkeypatch.setattr(home.os, "getuid", lambda: 987_654)
    for cached in (home._homes, home._pattern):
        cached.cache_clear()

    assert without_home("/home/ann/x / /x") == "/home/ann/x / /x"
