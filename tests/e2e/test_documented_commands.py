"""Test that the harness commands of README.md, CONTRIBUTING.md and docs/usage.md run."""

from __future__ import annotations

import shlex
import subprocess
import sys

import pytest
from click.testing import CliRunner

from harness.cli.main import main
from harness.util.paths import ROOT
from tests.documents import COMMANDS

LANGUAGES = ("c", "nim")
"""The languages that the commands name."""


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("python -m harness")])
def test_documented_command_runs(command, project):
    """The command exits with status 0 on a small project that has the languages which the commands name."""
    for name in LANGUAGES:
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
        return  # tested elsewhere: one does not end by itself, the other needs a Docker engine
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
