"""A new language: `new` makes a folder that passes, and the guide leads a stranger through to the end."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.config.kernels import load_kernels
from harness.config.load import load_config
from harness.execute.native import NativeExecutor
from harness.model.job import Provided
from harness.util.paths import ROOT
from tests.command import harness
from tests.needs import need

GUIDE = (ROOT / "docs" / "adding-a-language.md").read_text()
LANGUAGES = sorted(path.parent.name for path in (ROOT / "kernels").glob("*/kernel.yaml"))


@pytest.mark.parametrize("like", LANGUAGES)
def test_a_folder_made_like_another_language_passes_every_check(project, like):
    config = str(project / "config.yaml")
    kernel = next(one for one in load_kernels(load_config().kernels_dir) if one.id == f"{like}/naive")
    found = NativeExecutor(project).provide(kernel.toolchain)
    need(isinstance(found, Provided), f"{kernel.toolchain.version_command}: {found}")
    for name in LANGUAGES:
        shutil.copytree(ROOT / "kernels" / name, project / "kernels" / name)
    done = harness("new", "mine", "--like", like, "--config", config)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "Next: python -m harness check mine"
    made = sum(path.stat().st_size > 0 for path in (project / "kernels" / "mine").iterdir())
    assert made <= 4
    done = harness("check", "mine", "--config", config)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "mine/naive  passed" in done.stdout


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["new", "My Language"], "new: My Language: a language's short name has lower-case letters"),
        (["new", "--", "-rf"], "new: -rf: a language's short name"),
        (["new", "toy", "--like", "toy"], "kernels/toy: is already there"),
        (["new", "mine", "--like", "cobol"], "--like: no language 'cobol'; there are toy"),
    ],
)
def test_what_cannot_be_made_is_a_sentence_and_status_2(project, words, expected):
    at = words.index("--") if "--" in words else len(words)
    words = [*words[:at], "--config", str(project / "config.yaml"), *words[at:]]
    if expected.startswith("new: -rf"):
        words.insert(1, "--like=toy")
    done = harness(*words)
    assert done.returncode == 2 and expected in done.stderr, done.stderr


def test_the_guide_s_commands_run_to_the_letter(tmp_path):
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


def test_the_guide_s_kernel_yaml_is_one(tmp_path):
    [text] = re.findall(r"```yaml\n(.*?)```", GUIDE, re.S)
    (tmp_path / "nim").mkdir()
    (tmp_path / "nim" / "kernel.yaml").write_text(text)
    (tmp_path / "nim" / "naive.nim").write_text("")
    [kernel] = load_kernels(tmp_path)
    assert kernel.id == "nim/naive" and Path(kernel.folder).name == "nim"


def test_the_guide_names_every_placeholder_and_key():
    from harness.config.kernels import PLACEHOLDERS, schema

    for placeholder in PLACEHOLDERS:
        assert f"{{{placeholder}}}" in GUIDE
    for key in [*schema()["properties"], *schema()["$defs"]["_Rung"]["properties"]]:
        assert re.search(rf"\b{key}\b", GUIDE), key
