"""Test that the commands of docs/adding-a-language.md run to the letter."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys

from harness.util.paths import ROOT

GUIDE = (ROOT / "docs" / "adding-a-language.md").read_text()


def test_commands_of_the_guide_run_to_the_letter(tmp_path):
    """In a copy of the project, since they make a folder in it."""
    for name in ("harness", "kernels", "more", "config.yaml", "Dockerfile"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, tmp_path / name)
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE, re.S)
    commands = [line for block in blocks for line in block.splitlines() if line.strip()]
    assert len(commands) >= 4
    for command in commands:
        words = shlex.split(command)
        assert words[:3] == ["python", "-m", "harness"], command
        native = ["--backend", "native"] if words[3] in ("check", "run-all") else []
        done = subprocess.run(
            [sys.executable, *words[1:], *native],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    report = (tmp_path / "reports" / "latest" / "report.html").read_text()
    assert "bash/naive" in report
