"""Settings and accidents of users' machines that ended a run, or its set-up, with an error of Python's."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from harness.system import cgroup
from harness.util.paths import ROOT
from tests.command import harness, started
from tests.e2e.test_interrupt import samples_of, wait_for
from tests.needs import need
from tests.toy import make_project

PYPROJECT = '[project]\nname = "small"\nversion = "1"\n[tool.setuptools]\npackages = []\n'


def locked(*names: str) -> str:
    """Return the lines of the project's lock file for these packages."""
    lock = (ROOT / "requirements.lock").read_text()
    return "".join(re.search(rf"^{name}==.*?(?=^\S|\Z)", lock, re.M | re.S)[0] for name in names)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """Return a checkout whose environment needs two packages, set up where pip is set to install for the user."""
    folder = tmp_path_factory.mktemp("checkout") / "checkout"
    folder.mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    shutil.copytree(ROOT / "tools", folder / "tools")
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "requirements.lock").write_text(locked("click", "setuptools"))
    set_up(folder, PIP_USER="1")
    return folder


def set_up(folder: Path, **variables: str) -> str:
    """Run `make setup` in a checkout; return what it said."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "VIRTUAL_ENV"))}
    done = subprocess.run(
        ["make", "setup"], cwd=folder, env={**environment, **variables}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.long(30)
def test_setup_mends_a_copied_or_damaged_environment_and_leaves_a_whole_one(checkout, tmp_path):
    assert "Installing" not in set_up(checkout)

    copy = tmp_path / "copy"
    shutil.copytree(checkout, copy, symlinks=True)
    (copy / "requirements.lock").touch()
    set_up(copy)
    assert str(copy) in (copy / ".venv" / "bin" / "pip").read_text()

    shutil.rmtree(next((copy / ".venv").glob("lib/*/site-packages/click")))
    set_up(copy)
    subprocess.run([copy / ".venv" / "bin" / "python", "-c", "import click.core"], check=True)


def test_a_locale_without_the_signs_of_the_answer_does_not_end_a_run(checked_project):
    """Where × can be written and − cannot, a verified run ended in a UnicodeEncodeError."""
    latin = "iso-8859-1"
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": latin}

    done = harness(
        "run-all", "--config", str(checked_project / "config.yaml"), env={**os.environ, **locale}, encoding=latin
    )

    assert done.returncode == 0, done.stderr
    assert "the product of two 64 × 64 matrices" in done.stdout and "\\u2212" in done.stdout
    assert "64 × 64" in next(checked_project.glob("reports/2*/report.html")).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def latin_locale(tmp_path_factory) -> dict[str, str]:
    """Return the environment of a locale in ISO-8859-1."""
    folder = tmp_path_factory.mktemp("locales")
    command = ["localedef", "-i", "de_DE", "-f", "ISO-8859-1", str(folder / "de_DE.ISO-8859-1")]
    if not shutil.which("localedef") or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs localedef and the definition of de_DE")
    return {"LOCPATH": str(folder), "LC_ALL": "de_DE.ISO-8859-1"}


@pytest.mark.parametrize("locale", ["C.UTF-8", "C", "ISO-8859-1"])
def test_a_path_that_is_not_utf_8_does_not_end_a_run(locale, tmp_path, request):
    """The program, its project and the reports lie there; JSON has the path as it is, and a page shows it."""
    variables = request.getfixturevalue("latin_locale") if locale == "ISO-8859-1" else {"LC_ALL": locale}
    clone = tmp_path / os.fsdecode(b"caf\xe9")
    clone.mkdir()
    shutil.copytree(ROOT / "harness", clone / "harness", ignore=shutil.ignore_patterns("__pycache__"))
    make_project(clone)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return harness(*words, cwd=clone, env=os.environ | variables, encoding="utf-8", errors="surrogateescape")

    done = run("run-all")

    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr and "Report: " in done.stdout
    folder = clone / "reports" / "latest"
    assert "toy/naive" in (folder / "report.html").read_text(encoding="utf-8")
    (folder / "report.html").unlink()
    resumed = run("run-all", "--resume", str(folder.resolve()))
    assert resumed.returncode == 0, resumed.stderr
    assert (folder / "report.html").exists()


def test_setup_in_such_a_path_says_to_rename_it(tmp_path):
    clone = tmp_path / os.fsdecode(b"caf\xe9")
    clone.mkdir()
    shutil.copy(ROOT / "Makefile", clone)
    shutil.copytree(ROOT / "tools", clone / "tools")
    for name in ("pyproject.toml", "requirements.lock"):
        (clone / name).touch()

    command = ["make", "--no-print-directory", "setup"]  # under another make, it would print the folder
    done = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr.startswith("make: the path of this folder is not UTF-8")


def test_an_internal_error_in_such_a_path_is_told_in_a_sentence(tmp_path):
    """The traceback names the path, and goes to a file."""
    clone = tmp_path / os.fsdecode(b"caf\xe9")
    clone.mkdir()
    shutil.copytree(ROOT / "harness", clone / "harness", ignore=shutil.ignore_patterns("__pycache__"))
    (clone / "harness" / "config" / "load.py").write_text("raise ValueError(__file__)")

    done = harness("list", cwd=clone)

    assert done.returncode == 1
    assert re.fullmatch(r"harness: internal error: ValueError: .*; please report it with \S+\n", done.stderr)


def test_a_sign_that_the_locale_does_not_have_is_told_in_a_sentence(project):
    yaml = project / "kernels" / "toy" / "kernel.yaml"
    yaml.write_text(yaml.read_text().replace("version: python3", "version: python\u2192"), encoding="utf-8")
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

    done = harness("list", "--config", str(project / "config.yaml"), env=os.environ | locale)

    assert done.returncode == 2
    assert done.stderr == "harness: the locale's encoding, ascii, has no '\\u2192': set LC_ALL=C.UTF-8\n"


def test_a_hang_up_ends_a_run_as_an_interruption_does(checked_project):
    with started("run-all", "--config", str(checked_project / "config.yaml"), "--rounds", "500") as process:
        wait_for(lambda: (path := samples_of(checked_project)) and path.stat().st_size, "a sample")
        samples = samples_of(checked_project)

        process.send_signal(signal.SIGHUP)
        _, err = process.communicate(timeout=60)

    assert process.returncode == 130, err
    assert "Traceback" not in err and (samples.parent / "report.html").exists()


def test_a_hang_up_is_ignored_under_nohup(checked_project):
    command = ["nohup", sys.executable, "-m", "harness", "run-all", "--config", str(checked_project / "config.yaml")]
    with subprocess.Popen(
        [*command, "--rounds", "60"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as run:
        wait_for(lambda: (path := samples_of(checked_project)) and path.stat().st_size, "a sample")
        run.send_signal(signal.SIGHUP)
        out = run.communicate(timeout=120)[0]

    assert run.returncode == 0, out


def test_a_machine_without_a_home_or_its_folder_for_temporary_files_builds(checked_project):
    """Go refuses to build where it has no place for its cache."""
    environment = {key: value for key, value in os.environ.items() if key != "HOME"}
    config = str(checked_project / "config.yaml")

    done = harness("run-all", "--config", config, env={**environment, "TMPDIR": "/no/such/folder"})

    assert done.returncode == 0, done.stderr


WITHOUT_HOME = """
import os, pwd, sys
def no_account(uid): raise KeyError(uid)
pwd.getpwuid = no_account
os.environ.pop("HOME", None)
from harness.__main__ import start
start()
"""
"""Start the harness as a user who has neither a home nor an account, as in a container of another user's number."""


def test_a_user_without_home_and_account_gets_a_report(copied_run):
    """Altair asks for a home as soon as it is imported."""
    (copied_run.folder / "report.html").unlink()

    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_HOME, "report", copied_run.folder.name, "--config", copied_run.config],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "<svg" in (copied_run.folder / "report.html").read_text()


def test_reports_that_were_copied_without_links_do_not_end_a_run(checked_project):
    """An archive, exFAT or CIFS makes a folder of `latest`: the next run keeps it, and is found by its name."""
    config = str(checked_project / "config.yaml")
    latest = checked_project / "reports" / "latest"
    latest.mkdir(parents=True)
    (latest / "old").touch()

    done = harness("run-all", "--config", config)

    assert done.returncode == 0, done.stderr
    assert "reports/latest cannot be a link to this run" in done.stderr
    assert harness("report", "--config", config).returncode == 0


def test_a_source_that_is_not_there_costs_its_kernel_alone(checked_project):
    folder, config = checked_project / "kernels" / "toy", str(checked_project / "config.yaml")
    with (folder / "kernel.yaml").open("a") as file:
        file.write("  interchange: {source: absent.py}\n")
    reason = f"{folder / 'absent.py'}: No such file or directory"

    done = harness("run-all", "--config", config)

    assert done.returncode == 1, done.stderr
    assert f"FAILED toy/interchange: build: {reason}" in done.stdout
    rows = pd.read_csv(checked_project / "reports" / "latest" / "results.csv").set_index("kernel")
    assert dict(rows.status) == {"toy/naive": "ok", "toy/interchange": "failed"}
    checked = harness("check", "--config", config)
    assert checked.returncode == 1
    assert f"toy/interchange  FAILED at build: {reason}\n    to do: put the kernel's source there" in checked.stdout
    assert f"fails: {reason}" in harness("list", "--config", config).stdout


@pytest.mark.docker
@pytest.mark.usefixtures("engine")
def test_a_comma_in_the_path_is_no_field_of_a_mount(checked_project):
    moved = checked_project.rename(checked_project.with_name("Company, Inc"))
    yaml = moved / "kernels" / "toy" / "kernel.yaml"
    yaml.write_text(yaml.read_text() + "apt: [python3-minimal, libpython3-stdlib]\n")

    done = harness("check", "--backend", "docker", "--config", str(moved / "config.yaml"))

    assert done.returncode == 0, done.stdout + done.stderr


def harness_with_mount(folder: Path, options: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the harness where a file system in memory, with these options, is mounted at a folder, for it alone."""
    need(os.getuid() == 0 and shutil.which("unshare"), "root and unshare")
    folder.mkdir(exist_ok=True)
    command = f"mount -t tmpfs -o {options} none {folder} && {shlex.join([sys.executable, '-m', 'harness', *words])}"
    return subprocess.run(["unshare", "-m", "sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.docker
@pytest.mark.usefixtures("engine")
def test_an_engine_that_does_not_see_the_folder_is_not_used(checked_project):
    """Here the engine sees what is below a file system that only this process has mounted."""
    config, build = str(checked_project / "config.yaml"), checked_project / "build"

    done = harness_with_mount(build, "rw", "check", "--backend", "auto", "--config", config)

    assert done.returncode == 0, done.stderr
    assert f"native (the Docker engine does not see {build}" in done.stdout + done.stderr


@pytest.mark.docker
@pytest.mark.usefixtures("engine")
def test_root_with_a_strict_umask_builds_in_containers(checked_project):
    yaml = checked_project / "kernels" / "toy" / "kernel.yaml"
    yaml.write_text(yaml.read_text() + "apt: [python3-minimal, libpython3-stdlib]\n")
    command = [sys.executable, "-m", "harness", "check", "--backend", "docker"]

    done = subprocess.run(
        [*command, "--config", checked_project / "config.yaml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        umask=0o077,
    )

    assert done.returncode == 0, done.stderr


def test_a_folder_for_builds_that_starts_no_program_is_named(project):
    config, build = str(project / "config.yaml"), project / "build"

    done = harness_with_mount(build, "noexec", "build", "--config", config)

    assert done.returncode == 2
    assert f"{build}: no program may be started from this file system" in done.stderr


def test_a_full_disk_is_told_with_its_folder(checked_project):
    config, out = str(checked_project / "config.yaml"), checked_project / "small"

    done = harness_with_mount(out, "size=64k", "run-all", "--config", config, "--out", str(out))

    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"harness: {out}") and "No space left on device; make room there" in last


def test_a_clone_by_a_git_that_writes_windows_line_endings_has_none(tmp_path):
    """A carriage return after `#!/bin/sh` makes a program that is not found."""
    clone = ["git", "-c", "core.autocrlf=true", "clone", "--quiet", str(ROOT), str(tmp_path / "clone")]
    subprocess.run(clone, check=True, capture_output=True)

    listed = subprocess.run(
        ["git", "ls-files", "--eol"], cwd=tmp_path / "clone", check=True, capture_output=True, text=True
    )

    assert [line for line in listed.stdout.splitlines() if "w/crlf" in line or "w/mixed" in line] == []


@pytest.fixture
def limited() -> Iterator[str]:
    """Return the shell command that moves a process into control groups of half a processor and 300 MiB."""
    need(os.getuid() == 0, "root")
    name = f"60000x-{os.getpid()}"
    memory_bytes = 300 * 2**20
    if (cgroup.MOUNT / "cgroup.controllers").exists():
        groups = {cgroup.MOUNT / name: {"cpu.max": "50000 100000", "memory.max": memory_bytes}}
    else:
        groups = {
            cgroup.MOUNT / "cpu" / name: {"cpu.cfs_period_us": 100_000, "cpu.cfs_quota_us": 50_000},
            cgroup.MOUNT / "memory" / name: {"memory.limit_in_bytes": memory_bytes},
        }
    need(all(group.parent.exists() for group in groups), "control groups for processor time and memory")
    for group, limits in groups.items():
        group.mkdir()
        for key, value in limits.items():
            (group / key).write_text(str(value))
    yield "; ".join(f"echo $$ > {group}/cgroup.procs" for group in groups)
    for group in groups:
        group.rmdir()


def harness_within(limited: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the harness in control groups, with as many threads as they allow."""
    command = f"{limited}; exec {shlex.join([sys.executable, '-m', 'harness', *words])}"
    env = os.environ | {"SIXTY_THOUSAND_THREADS": "all"}
    return subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False, env=env)


def test_limits_of_a_real_control_group_are_told(limited, project):
    done = harness_within(limited, "doctor", "--json", "--config", str(project / "config.yaml"))

    observations = {each["observation"] for each in json.loads(done.stdout)["noise"]}
    assert "a control group limits processor time to that of 0.5 processors" in observations
    assert "a control group limits memory to 300 MiB" in observations


def test_more_memory_than_a_control_group_allows_is_refused(limited, project):
    done = harness_within(limited, "run-all", "--n", "4096", "--config", str(project / "config.yaml"))

    assert done.returncode == 2
    assert "--n: n = 4096 needs 0.8 GiB of memory, but only 0.3 GiB may be used here" in done.stderr
