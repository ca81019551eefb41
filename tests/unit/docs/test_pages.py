"""Test README.md and docs/: their commands exist, their examples are valid, and every figure was measured."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml

from harness.cli.main import main
from harness.config.kernels import load_kernels
from harness.selftest.catalogue import catalogue
from harness.util.paths import ROOT
from tests.documents import COMMANDS, README, USAGE, commands_of, sections
from tools import figures


def test_readme_has_the_two_commands():
    assert {"make run-all", "make test"} <= set(commands_of(README))


def test_readme_is_at_most_8_kb():
    assert len(README.encode()) <= 8192


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("make ")])
def test_make_command_is_a_target(command):
    """`make -n` accepts the command, and what it would run for a measurement is the harness."""
    words = shlex.split(command)

    done = subprocess.run(["make", "-n", *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    if words[1] in ("run-all", "test"):
        assert "-m harness" in done.stdout


def test_every_make_target_is_in_the_usage():
    [phony] = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.M)

    assert {target for target in phony.split() if f"`make {target}`" not in USAGE} == set()


def test_every_option_of_run_all_is_in_the_usage():
    parameters = main.commands["run-all"].params
    options = {name for parameter in parameters for name in parameter.opts if name.startswith("--")}

    assert {option for option in options if option not in USAGE} == set()


def test_every_option_of_try_is_on_its_page():
    page = (ROOT / "docs" / "try.md").read_text()
    options = {name for parameter in main.commands["try"].params for name in parameter.opts if name.startswith("--")}

    assert {option for option in options if f"`{option}" not in page} == set()


def test_every_family_of_lies_is_on_its_page():
    page = (ROOT / "docs" / "lies.md").read_text()

    assert {lie.family for lie in catalogue() if f"| {lie.family} |" not in page} == set()


def test_every_command_is_in_the_usage():
    assert {name for name in main.commands if f"python -m harness {name}" not in USAGE} == set()


def test_example_of_a_language_is_one(tmp_path):
    [text] = re.findall(r"```yaml\n(.*?)```", README, re.S)
    folder = tmp_path / "nim"
    folder.mkdir()
    (folder / "kernel.yaml").write_text(text)
    (folder / yaml.safe_load(text)["rungs"]["naive"]["source"]).write_text("")

    assert [kernel.id for kernel in load_kernels(tmp_path)] == ["nim/naive"]


def test_links_lead_somewhere():
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_each_section_of_figures_is_in_its_page_once():
    assert sorted((name, page) for page, name, _ in sections()) == sorted(figures.PAGES.items())


@pytest.mark.parametrize(("name", "text"), [(name, text) for _, name, text in sections()])
def test_figures_have_a_machine_and_a_date(name, text):
    assert re.search(r"\b20\d\d-\d\d-\d\d\b", text), f"{name}: no date; run make figures"
    assert "processors" in text, f"{name}: no machine; run make figures"


@pytest.mark.parametrize("folder", ["harness", "tools", "docs", "kernels", "."])
def test_sources_hold_no_absolute_path_of_a_machine(folder):
    pattern = re.compile(r"(?<![\w.])/(?:home|root|work)/\w+")
    paths = (ROOT / folder).glob("*.*") if folder == "." else (ROOT / folder).rglob("*.*")
    for path in paths:
        if path.suffix in {
            ".py",
            ".md",
            ".yaml",
            ".c",
            ".h",
            ".rs",
            ".go",
            ".java",
            ".zig",
            ".toml",
            ".j2",
            ".lock",
            ".html",
        }:
            assert not pattern.search(Path(path).read_text()), path
