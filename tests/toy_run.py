"""Runs of the language `toy`, made once for all tests that only read them, and copies for those that change them."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from tests.command import harness
from tests.once import make_once
from tests.toy import add_rung, make_project

WRITTEN_PATHS = ("built.json", "run.json")
"""The files in which the harness writes where a project lies."""


@dataclass(frozen=True)
class ToyRun:
    """A project, and what the one run in it printed. Only the test that copied it may change it."""

    project: Path
    returncode: int
    stdout: str
    stderr: str

    @property
    def config(self) -> str:
        """The path of the project's config.yaml."""
        return str(self.project / "config.yaml")

    @property
    def folder(self) -> Path:
        """The folder of the newest run."""
        return (self.project / "reports" / "latest").resolve()

    def results(self) -> pd.DataFrame:
        """Return results.csv with a row per kernel."""
        return pd.read_csv(self.folder / "results.csv").set_index("kernel")


def run_toy(project: Path, *words: str) -> ToyRun:
    """Run `run-all` in a project."""
    done = harness("run-all", "--config", str(project / "config.yaml"), *words)
    return ToyRun(project, done.returncode, done.stdout, done.stderr)


def copy_project(project: Path, folder: Path) -> Path:
    """Copy a project with its artefacts and runs, which then name the copy's paths; return the copy."""
    shutil.copytree(project, folder, symlinks=True)
    for name in WRITTEN_PATHS:
        for path in folder.rglob(name):
            path.write_text(path.read_text().replace(str(project), str(folder)))
    return folder


def checked_project(factory: pytest.TempPathFactory) -> Path:
    """Return a project whose only kernel, toy/naive, is built and checked."""

    def make(folder: Path) -> None:
        done = harness("check", "--config", str(make_project(folder) / "config.yaml"))
        assert done.returncode == 0, done.stdout + done.stderr

    return make_once(factory, "checked-project", make)


def finished_run(factory: pytest.TempPathFactory) -> ToyRun:
    """Return a run of toy/naive and toy/interchange that ended well."""
    return _run_once(factory, "finished-run", {"interchange": "return c"}, status=0)


def failed_run(factory: pytest.TempPathFactory) -> ToyRun:
    """Return a run of toy/naive, toy/interchange and toy/parallel, the last of which computes a wrong value."""
    rungs = {"interchange": "return c", "parallel": "c[0] += 2**-30; return c"}
    return _run_once(factory, "failed-run", rungs, status=1)


def _run_once(factory: pytest.TempPathFactory, name: str, rungs: dict[str, str], status: int) -> ToyRun:
    folder = make_once(factory, name, partial(_make_run, rungs=rungs, status=status))
    return ToyRun(**json.loads((folder / "printed.json").read_text()) | {"project": folder / "project"})


def _make_run(folder: Path, rungs: dict[str, str], status: int) -> None:
    project = folder / "project"
    project.mkdir()
    make_project(project)
    for name, spoil in rungs.items():
        add_rung(project, name, spoil)
    run = run_toy(project)
    assert run.returncode == status, run.stderr
    (folder / "printed.json").write_text(json.dumps(asdict(run) | {"project": ""}))
