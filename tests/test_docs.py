"""The README and the docs: their commands run, their examples are right, and no figure was typed."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from conftest import ROOT

from harness.cli.main import main
from harness.config.kernels import load_kernels

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.S)
COMMANDS = [line.split("#")[0].strip() for kind, text in BLOCKS if kind == "sh" for line in text.splitlines() if line]


def test_there_are_commands_to_try():
    assert "make run-all" in COMMANDS and "make test" in COMMANDS and len(COMMANDS) > 8


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("make ")])
def test_a_make_command_of_the_readme_is_a_target(command):
    done = subprocess.run(
        ["make", "-n", *shlex.split(command)[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "harness" in done.stdout


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("python -m harness")])
def test_a_harness_command_of_the_readme_runs(command, project, monkeypatch):
    """On a small project that has the languages which the commands name."""
    for name in ("c", "nim"):
        folder = project / "kernels" / name
        folder.mkdir()
        text = (project / "kernels" / "toy" / "kernel.yaml").read_text()
        (folder / "kernel.yaml").write_text(text.replace("name: Toy", f"name: {name}"))
        (folder / "naive.py").write_text((project / "kernels" / "toy" / "naive.py").read_text())
    config = ["--config", str(project / "config.yaml")]
    words = shlex.split(command)[3:]
    if words[0] in ("report", "compare", "export"):
        assert CliRunner().invoke(main, ["run-all", *config, "--quick"]).exit_code == 0
    words = [str(project / "reports" / "latest") if word == "RUN" else word for word in words]
    if words[0] in ("serve", "image"):
        return  # tests/test_serve.py runs these: one does not end by itself, the other takes an engine
    if words[0] == "schema":
        config = []
    if words[0] == "selftest":
        own = (ROOT / "config.yaml").read_text().replace("kernels: kernels", f"kernels: {ROOT / 'kernels'}")
        (project / "selftest.yaml").write_text(own)
        config = ["--backend", "native", "--config", str(project / "selftest.yaml")]
    done = subprocess.run(
        [sys.executable, "-m", "harness", *words, *config], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_option_of_run_all_is_in_the_readme():
    options = {
        name for parameter in main.commands["run-all"].params for name in parameter.opts if name.startswith("--")
    }
    missing = {option for option in options if option not in README}
    assert missing == set()


def test_every_command_is_in_the_readme():
    assert {name for name in main.commands if f"python -m harness {name}" not in README} == set()


def test_the_example_of_a_language_is_one(tmp_path):
    [text] = [text for kind, text in BLOCKS if kind == "yaml"]
    folder = tmp_path / "nim"
    folder.mkdir()
    (folder / "kernel.yaml").write_text(text)
    (folder / yaml.safe_load(text)["rungs"]["naive"]["source"]).write_text("")
    assert [kernel.id for kernel in load_kernels(tmp_path)] == ["nim/naive"]


def test_links_lead_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_figures_stand_between_markers_with_machine_and_date():
    pages = README + (ROOT / "docs" / "measurement.md").read_text()
    parts = re.findall(r"<!-- figures: (\w+) -->\n(.*?)<!-- end -->", pages, re.S)
    assert {name for name, _ in parts} >= {"answer", "run", "ladder", "alarms", "detection", "estimates", "overhead"}
    for name, text in parts:
        assert re.search(r"\b20\d\d-\d\d-\d\d\b", text), f"{name}: no date; run make figures"
        assert "processors" in text, f"{name}: no machine; run make figures"


@pytest.mark.parametrize("folder", ["harness", "tools", "docs", "kernels", "."])
def test_no_absolute_path_of_any_machine_is_in_the_sources(folder):
    pattern = re.compile(r"(?<![\w.])/(?:home|root|work)/\w+")
    paths = (ROOT / folder).glob("*.*") if folder == "." else (ROOT / folder).rglob("*.*")
    for path in paths:
        if path.suffix in {".py", ".md", ".yaml", ".c", ".h", ".rs", ".go", ".java", ".zig", ".toml", ".j2", ".lock"}:
            assert not pattern.search(Path(path).read_text()), path
