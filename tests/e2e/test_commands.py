"""The commands beside run-all: what they say, write and remove."""

from __future__ import annotations

import json
import subprocess
import sys

import jsonschema
import pytest
import yaml

from harness.util.paths import ROOT
from tests.command import harness
from tests.toy import KERNEL, add_absent_language, add_rung

COMMANDS = (
    "run-all",
    "list",
    "doctor",
    "build",
    "check",
    "report",
    "compare",
    "ab",
    "selftest",
    "export",
    "clean",
    "new",
    "serve",
    "image",
    "loop",
    "schema",
)


def test_report_makes_the_report_again_from_what_is_stored(copied_run):
    folder = copied_run.folder
    before = (folder / "results.csv").read_text()
    (folder / "report.html").unlink()
    (folder / "results.csv").unlink()

    done = harness("report", folder.name, "--config", copied_run.config)

    assert done.returncode == 0
    assert (folder / "results.csv").read_text() == before
    assert (folder / "report.html").stat().st_size > 10_000


def test_check_says_what_is_wrong_and_how_to_start_it_by_hand(project):
    add_rung(project, "interchange", "print('a word', file=sys.stderr); return c[1:] + c[:1]")

    done = harness("check", "--config", str(project / "config.yaml"))

    assert done.returncode == 1
    text = done.stdout
    assert "toy/naive  passed" in text and "toy/interchange  FAILED at check: " in text
    for part in ("    output: a word", "    to do: ", "by hand, in ", "python3 {source} A B C n rows threads reps"):
        assert part in text
    assert len(text.splitlines()) < 24  # one screen


def test_check_checks_a_kernel_again_when_it_changes(checked_project):
    config = str(checked_project / "config.yaml")
    assert harness("check", "--config", config).returncode == 0
    source = checked_project / "kernels" / "toy" / "naive.py"
    source.write_text(source.read_text().replace("    return c\n", "    return [x * 2 for x in c]\n", 1))

    done = harness("check", "--config", config)

    assert done.returncode == 1 and "toy/naive  FAILED at check" in done.stdout


def test_list_says_how_to_provide_a_missing_toolchain(project):
    add_absent_language(project)

    done = harness("list", "--config", str(project / "config.yaml"))

    assert "missing: cobc-none is not installed (to provide it: sudo apt-get install gnucobol)" in done.stdout


def test_schema_accepts_every_kernel_yaml_of_the_project():
    schema = json.loads(harness("schema").stdout)

    for path in (ROOT / "kernels").glob("*/kernel.yaml"):
        jsonschema.validate(yaml.safe_load(path.read_text()), schema)


@pytest.mark.parametrize(("before", "after"), [("name:", "nome:"), ("  naive:", "  fast:")])
def test_schema_refuses_an_unknown_key(before, after):
    schema = json.loads(harness("schema").stdout)

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(KERNEL.replace(before, after)), schema)


def test_clean_removes_artefacts_and_only_if_asked_reports(copied_run):
    project = copied_run.project

    assert harness("clean", "--config", copied_run.config).returncode == 0

    assert not (project / "build").exists() and (project / "reports" / "latest").exists()

    assert harness("clean", "--config", copied_run.config, "--reports").returncode == 0

    assert list((project / "reports").iterdir()) == []


def test_help_names_every_command():
    text = harness("--help").stdout

    assert all(f"  {command} " in text for command in COMMANDS)


def test_help_names_every_option_of_run_all():
    text = harness("run-all", "--help").stdout

    for option in [
        "config",
        "backend",
        "only",
        "n",
        "threads",
        "effort",
        "rounds",
        "quick",
        "full",
        "pages",
        "out",
        "resume",
    ]:
        assert f"--{option}" in text


@pytest.mark.parametrize("words", [["--help"], ["run-all", "--help"], ["list", "--backend", "native"]])
def test_help_and_list_load_neither_pandas_nor_charts(words):
    code = (
        "import sys; from harness.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('pandas', 'altair', 'vl_convert', 'jinja2') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"


def test_doctor_says_what_there_is(project):
    done = harness("doctor", "--config", str(project / "config.yaml"))

    assert done.returncode == 0, done.stdout + done.stderr
    for word in ("machine ", "cpu ", "docker ", "toy ", "tools ", "kernels can use the network and other folders"):
        assert word in done.stdout
