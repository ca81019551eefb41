"""Test the manual page that is made from the commands."""

from __future__ import annotations

import shutil
import subprocess

import click

from harness.cli.main import main
from tests.needs import need
from tools.man_page import PAGE, man_page, version


def test_it_is_that_of_the_commands():
    assert PAGE.read_text() == man_page(main, version()), "to write it: python -m tools.man_page"


def test_man_shows_it_without_a_warning():
    need(shutil.which("man"), "man")

    done = subprocess.run(["man", "--warnings", "-l", str(PAGE)], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert "sixty-thousand run-all" in done.stdout


def test_a_text_that_begins_like_a_macro_is_shown():
    group = click.Group("x", commands={"go": click.Command("go", help=".PP is a macro\\n")}, help="Do it.")

    assert "\n\\&.PP is a macro\\en\n" in man_page(group, "1")
