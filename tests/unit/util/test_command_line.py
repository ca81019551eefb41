"""Test the command that a message advises: that by which the program was started."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.util import command_line
from harness.util.command_line import own_command, portable_command


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the program of an installed package, by which this process appears to have been started."""
    path = tmp_path / "sixty-thousand"
    path.touch(mode=0o755)
    monkeypatch.setattr(sys, "argv", [str(path), "run-all"])
    monkeypatch.setattr(sys, "orig_argv", ["python", str(path), "run-all"])
    return path


def test_an_installed_program_is_told_by_its_name(script, monkeypatch):
    monkeypatch.setenv("PATH", str(script.parent))

    assert (own_command(), portable_command()) == ("sixty-thousand", ["sixty-thousand"])


def test_a_program_that_is_not_on_the_path_is_told_with_its_folder(script, monkeypatch):
    monkeypatch.setenv("PATH", "/no/such/folder")

    assert own_command() == str(script)


@pytest.mark.parametrize("uvx", [["/usr/bin/uv", "tool", "uvx"], ["uvx"]])
def test_a_program_that_uvx_started_is_told_with_uvx(script, monkeypatch, uvx):
    monkeypatch.setattr(command_line, "_command_line", lambda _: [*uvx, "--from", "a b.whl", script.name, "run-all"])

    assert own_command() == "uvx --from 'a b.whl' sixty-thousand"


def test_a_module_is_told_with_its_python(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["harness/__main__.py", "run-all"])
    monkeypatch.setattr(sys, "orig_argv", [".venv/bin/python", "-m", "harness", "run-all"])

    assert (own_command(), portable_command()) == (".venv/bin/python -m harness", ["python", "-m", "harness"])
