"""The README and docs/: their commands run, their examples are valid, and every figure was measured."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from harness.cli.main import main
from harness.config.kernels import load_kernels
from harness.util.paths import ROOT
from tools import figures

README = (ROOT / "README.md").read_text()
USAGE = (ROOT / "docs" / "usage.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()


def commands_of(page: str) -> list[str]:
    """The command lines of a page's `sh` blocks, without comments."""
    blocks = re.findall(r"```sh\n(.*?)```", page, re.S)
    return [line.split("#")[0].strip() for text in blocks for line in text.splitlines() if line]


COMMANDS = list(dict.fromkeys(commands_of(README) + commands_of(USAGE) + commands_of(CONTRIBUTING)))


def test_the_readme_has_the_two_commands():
    assert {"make run-all", "make test"} <= set(commands_of(README))


def test_the_readme_is_at_most_8_kb():
    assert len(README.encode()) <= 8192


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("make ")])
def test_a_make_command_is_a_target(command):
    done = subprocess.run(
        ["make", "-n", *shlex.split(command)[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    if shlex.split(command)[1] in ("run-all", "test"):
        assert "-m harness" in done.stdout


def test_every_make_target_is_in_the_usage():
    [phony] = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.M)
    assert {target for target in phony.split() if f"`make {target}`" not in USAGE} == set()


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("python -m harness")])
def test_a_harness_command_runs(command, project, monkeypatch):
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


def test_every_option_of_run_all_is_in_the_usage():
    options = {
        name for parameter in main.commands["run-all"].params for name in parameter.opts if name.startswith("--")
    }
    missing = {option for option in options if option not in USAGE}
    assert missing == set()


def test_every_command_is_in_the_usage():
    assert {name for name in main.commands if f"python -m harness {name}" not in USAGE} == set()


def test_the_example_of_a_language_is_one(tmp_path):
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


def sections() -> list[tuple[str, str, str]]:
    """The sections of figures on all pages: page, name, text."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    return [
        (str(page.relative_to(ROOT)), name, text)
        for page in pages
        for name, text in re.findall(r"<!-- figures: ([\w-]+) -->\n(.*?)<!-- end -->", page.read_text(), re.S)
    ]


def test_each_section_of_figures_stands_in_its_page_once():
    assert sorted((name, page) for page, name, _ in sections()) == sorted(figures.PAGES.items())


@pytest.mark.parametrize(("name", "text"), [(name, text) for _, name, text in sections()])
def test_figures_have_a_machine_and_a_date(name, text):
    assert re.search(r"\b20\d\d-\d\d-\d\d\b", text), f"{name}: no date; run make figures"
    assert "processors" in text, f"{name}: no machine; run make figures"


@pytest.mark.parametrize("name", figures.PAGES)
def test_a_section_is_written_and_nothing_else_changes(name, tmp_path):
    page = tmp_path / figures.PAGES[name]
    page.parent.mkdir(exist_ok=True)
    before = (ROOT / figures.PAGES[name]).read_text()
    page.write_text(before)
    [old] = [text for _, section, text in sections() if section == name]

    figures.write_section(name, "new \\1 text", root=tmp_path)

    assert page.read_text() == before.replace(old, "new \\1 text\n")


def test_a_page_without_markers_is_refused(tmp_path):
    (tmp_path / "README.md").write_text("no markers")

    with pytest.raises(ValueError, match="no markers for answer"):
        figures.write_section("answer", "text", root=tmp_path)


@pytest.mark.parametrize("folder", ["harness", "tools", "docs", "kernels", "."])
def test_no_absolute_path_of_any_machine_is_in_the_sources(folder):
    pattern = re.compile(r"(?<![\w.])/(?:home|root|work)/\w+")
    paths = (ROOT / folder).glob("*.*") if folder == "." else (ROOT / folder).rglob("*.*")
    for path in paths:
        if path.suffix in {".py", ".md", ".yaml", ".c", ".h", ".rs", ".go", ".java", ".zig", ".toml", ".j2", ".lock"}:
            assert not pattern.search(Path(path).read_text()), path
