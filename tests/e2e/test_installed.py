"""The wheel, installed into a fresh environment: its program works in an empty folder, outside a checkout."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from harness.store.record import read_record
from tests.installed import Installed


@dataclass(frozen=True)
class Run:
    """The folder in which the program ran, and what it printed on stderr."""

    folder: Path
    stderr: str


def verified(folder: Path) -> set[str]:
    """Return the kernels that the newest run in a working folder verified."""
    rows = pd.read_csv(folder / "reports" / "latest" / "results.csv")
    return set(rows[rows.verified].kernel)


@pytest.fixture(scope="module")
def run(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a native run of two kernels in an empty folder; it may only be read."""
    folder = tmp_path_factory.mktemp("empty")
    words = "--n 512 --rounds 1 --backend native --only python/naive --only c/packed".split()
    done = installed.run("run-all", *words, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return Run(folder, done.stderr)


@pytest.mark.long(60)
@pytest.mark.toolchain
def test_a_native_run_gives_its_first_answer_and_verifies(run):
    assert "First answer, from one native launch each" in run.stderr
    assert verified(run.folder) == {"python/naive", "c/packed"}


@pytest.mark.toolchain
def test_a_run_writes_to_the_working_and_the_cache_folder_alone(run, installed):
    """The package may be read-only: it holds what it held when it was installed."""
    source = installed.folder / "source"
    expected = {path.relative_to(source) for path in source.rglob("*")}

    assert {path.name for path in run.folder.iterdir()} == {"reports"}
    assert (installed.builds / "native" / "c" / "packed").is_dir()
    assert {path.relative_to(installed.data) for path in installed.data.rglob("*")} <= expected


@pytest.mark.toolchain
def test_a_run_records_the_program_that_was_started(run):
    assert read_record(run.folder / "reports" / "latest").command[:2] == ("sixty-thousand", "run-all")


@pytest.mark.long(25)
@pytest.mark.docker
@pytest.mark.usefixtures("engine")
def test_a_run_in_containers_verifies(installed, tmp_path):
    done = installed.run(*"run-all --n 64 --rounds 1 --backend docker --only c/naive".split(), cwd=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert verified(tmp_path) == {"c/naive"}


def test_more_languages_are_in_the_wheel(installed, tmp_path):
    done = installed.run("list", "--backend", "native", "--kernels", "more", "--only", "lua/naive", cwd=tmp_path)

    assert done.returncode == 0 and "\nlua/naive " in done.stdout, done.stderr


def test_a_new_language_is_made_in_the_working_folder(installed, tmp_path):
    done = installed.run("new", "mine", cwd=tmp_path)

    assert (tmp_path / "kernels" / "mine" / "kernel.yaml").is_file(), done.stderr
    assert done.stdout.splitlines()[-1] == "Next: sixty-thousand check mine --kernels kernels"


def test_doctor_and_clean_tell_the_folder_of_builds(installed, tmp_path):
    builds = tmp_path / "cache" / "sixty-thousand"
    builds.mkdir(parents=True)
    (builds / "input").write_bytes(bytes(10_000_000))

    doctor = installed.run("doctor", "--only", "python/naive", cwd=tmp_path, XDG_CACHE_HOME=str(builds.parent)).stdout
    clean = installed.run("clean", cwd=tmp_path, XDG_CACHE_HOME=str(builds.parent)).stdout

    assert f"project     {installed.data}, installed\n" in doctor
    assert re.search(rf"^builds      {builds}, [\d.]+ MiB, which 'sixty-thousand clean' removes$", doctor, re.M)
    assert f"reports     {tmp_path / 'reports'}\n" in doctor
    assert re.fullmatch(rf"removed {builds} \([\d.]+ MiB\)\n", clean) and not builds.exists()


def test_the_manual_is_where_man_looks_for_it(installed):
    assert (installed.folder / "environment" / "share" / "man" / "man1" / "sixty-thousand.1").is_file()
