"""Run the steps of action.yml to the letter, as GitHub's runner runs those of a composite action."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from harness.util.paths import ROOT

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())

SET_UP_BY = ("requirements.lock", "pyproject.toml", "tools")
"""What `make setup` compares the environment with."""


@dataclass(frozen=True)
class Outcome:
    """What an action leaves: the status of the step at which it ended, the job's summary, outputs, and the log."""

    status: int
    summary: str
    outputs: dict[str, str]
    log: str


def action_folder(folder: Path) -> Path:
    """Make a folder like that in which GitHub puts an action, after a run that set up its environment.

    Its files are those of this checkout; those that `make setup` looks at are older than the environment.
    """
    folder.mkdir()
    for path in [path for path in ROOT.iterdir() if path.name not in (*SET_UP_BY, ".git")]:
        (folder / path.name).symlink_to(path)
    subprocess.run(["cp", "-r", *(str(ROOT / name) for name in SET_UP_BY), str(folder)], check=True)
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            os.utime(path, (0, 0))
    return folder


def run_action(repository: Path, folder: Path, **inputs: str) -> Outcome:
    """Run all steps in a repository, with inputs by their names with `_` in place of `-`."""
    temporary = folder.parent / "runner"
    temporary.mkdir(exist_ok=True)
    files = {name: temporary / name for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    for file in files.values():
        file.write_text("")
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    assert given.keys() <= ACTION["inputs"].keys()
    context = {f"inputs.{name}": given.get(name, spec["default"]) for name, spec in ACTION["inputs"].items()}
    context["github.action_path"] = str(folder)
    # PYTHONPATH: a checkout that shares its environment with another one runs its own code
    environ = {**os.environ, "RUNNER_TEMP": str(temporary), "PYTHONPATH": str(folder)}
    environ |= {name: str(file) for name, file in files.items()}
    status, log = 0, ""
    for step in ACTION["runs"]["steps"]:
        assert step.keys() <= {"name", "id", "shell", "env", "working-directory", "run"} and step["shell"] == "bash"
        script = temporary / "script"
        script.write_text(expanded(step["run"], context))
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=repository / expanded(step.get("working-directory", "."), context),
            env={**environ, **{name: expanded(value, context) for name, value in step.get("env", {}).items()}},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        log += done.stdout
        if status := done.returncode:
            break
    outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
    context |= {f"steps.measure.outputs.{name}": value for name, value in outputs.items()}
    declared = {name: expanded(spec["value"], context) for name, spec in ACTION["outputs"].items()}
    return Outcome(status, files["GITHUB_STEP_SUMMARY"].read_text(), declared, log)


def expanded(text: str, context: Mapping[str, str]) -> str:
    """Return a text with the values of its expressions, which are plain names; unknown outputs are empty."""
    return re.sub(
        r"\$\{\{\s*([\w.-]+)\s*\}\}",
        lambda match: context.get(match[1], "") if match[1].startswith("steps.") else context[match[1]],
        text,
    )
