"""Test that the harness commands of README.md, CONTRIBUTING.md, docs/usage.md, for-programs.md and hosts.md run."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.util.paths import ROOT
from tests.documents import COMMANDS
from tests.needs import need

LANGUAGES = ("c", "nim")
"""The languages that the commands name."""


def add_languages(project: Path) -> Path:
    """Add the languages to a project with the kernel of `toy`, and return it."""
    toy = project / "kernels" / "toy"
    for name in LANGUAGES:
        folder = shutil.copytree(toy, project / "kernels" / name)
        text = (toy / "kernel.yaml").read_text().replace("name: Toy", f"name: {name}")
        (folder / "kernel.yaml").write_text(f"{text}toolchains: {{gcc: {{}}, clang: {{}}}}\n")
    return project


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("python -m harness")])
def test_documented_command_runs(command, request):
    """The command exits with status 0 on a project that has what it names: a run, or some languages."""
    words = shlex.split(command)[3:]
    if words[0] in ("report", "compare", "export", "why", "verify", "hosts"):
        project = request.getfixturevalue("reported_copy").project
    else:
        project = add_languages(request.getfixturevalue("checked_project"))
    config = ["--config", str(project / "config.yaml")]
    words = [str(project / "reports" / "latest") if word == "RUN" else word for word in words]
    words = ["toy/interchange" if word == "c/packed" else word for word in words]
    if words[0] == "count":
        need(shutil.which("valgrind"), "valgrind")
    if words[0] in ("serve", "image", "try") or "--by" in words:
        # tested elsewhere: serve does not end by itself, image needs a Docker engine, try a file, --by two toolchains
        return
    if words[0] in ("ab", "schema"):
        config = []
    if words[0] == "selftest":
        own = re.sub("(reports|build): auto", r"\1: \1", (ROOT / "config.yaml").read_text())
        (project / "selftest.yaml").write_text(own)
        config = ["--backend", "native", "--config", str(project / "selftest.yaml")]

    done = subprocess.run(
        [sys.executable, "-m", "harness", *words, *config], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
