"""The commands with --json: valid by the schema that the program prints, and the same as what people read."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from harness.cli.documents import DOCUMENTS
from harness.cli.schema import COMMANDS
from tests.command import harness, invoke
from tests.toy import add_absent_language, add_rung, make_project


def valid(stdout: str, name: str) -> dict[str, Any]:
    """Return the document that a command printed, which its schema accepts."""
    document: dict[str, Any] = json.loads(stdout)
    jsonschema.validate(document, json.loads(invoke("schema", name).stdout))
    assert document["format"] == 1
    return document


def kernels_of(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {kernel["kernel"]: kernel for kernel in document["kernels"]}


def test_every_document_has_a_schema():
    assert tuple(DOCUMENTS) == COMMANDS


def test_list_tells_state_version_reason_and_remedy(project):
    add_absent_language(project)

    kernels = kernels_of(valid(invoke("list", "--json", "--config", str(project / "config.yaml")).stdout, "list"))

    assert kernels["toy/naive"]["state"] == "ready" and kernels["toy/naive"]["version"].startswith("Python 3.")
    [absent] = (kernel for name, kernel in kernels.items() if name != "toy/naive")
    assert absent["state"] == "missing"
    assert (absent["reason"], absent["remedy"]) == ("cobc-none is not installed", "sudo apt-get install gnucobol")


def test_doctor_tells_what_its_lines_tell(project):
    words = ("doctor", "--config", str(project / "config.yaml"))

    done = harness(*words, "--json")
    lines = harness(*words)

    document = valid(done.stdout, "doctor")
    assert done.returncode == lines.returncode and done.stderr == ""
    assert document["folders"]["builds"] == str(project / "build")
    assert {each["language"] for each in document["toolchains"]} >= {"toy"}
    for each in document["toolchains"]:
        assert f"{each['language']:<11} {each['version'] or 'missing'}" in lines.stdout


def test_check_tells_what_passed_and_what_failed_with_its_remedies(project):
    add_rung(project, "interchange", "print('a word', file=sys.stderr); return c[1:] + c[:1]")

    done = harness("check", "--json", "--config", str(project / "config.yaml"))

    assert done.returncode == 1
    kernels = kernels_of(valid(done.stdout, "check"))
    passed, failed = kernels["toy/naive"], kernels["toy/interchange"]
    assert passed["state"] == "passed" and passed["launches"] > 4 and 0 <= passed["error_share"] <= 1
    assert (failed["state"], failed["stage"], failed["code"]) == ("failed", "check", "wrong-values")
    assert "output: a word" in failed["remedies"]


def test_build_has_the_document_of_check(project):
    done = harness("build", "--json", "--config", str(project / "config.yaml"))

    built = kernels_of(valid(done.stdout, "check"))["toy/naive"]
    assert (built["state"], built["launches"]) == ("built", None) and built["artefact_bytes"] > 0


def test_run_all_ends_with_the_answer_rows_and_page(checked_project):
    done = harness("run-all", "--json", "--config", str(checked_project / "config.yaml"))

    assert done.returncode == 0, done.stderr
    document = valid(done.stdout, "report")
    [row] = document["rows"]
    assert (row["kernel"], row["status"], row["verified"]) == ("toy/naive", "ok", True)
    assert document["answer"]["baseline"] == "toy/naive" and document["answer"]["why_not"]
    assert document["sentences"][0] == document["headline"]
    assert Path(document["page"]).read_text().startswith("<!doctype html>")


def test_report_of_a_run_with_a_failed_kernel_has_what_results_csv_has(failed_run):
    done = invoke("report", "--json", str(failed_run.folder), "--config", failed_run.config)

    rows = {row["kernel"]: row for row in valid(done.stdout, "report")["rows"]}
    written = failed_run.results()
    assert rows.keys() == set(written.index)
    for name, row in rows.items():
        assert (row["status"], row["samples"]) == (written.loc[name].status, written.loc[name].samples)
        assert (row["time"] is None) == (row["status"] == "failed")
    assert rows["toy/naive"]["time"]["value"] == pytest.approx(written.loc["toy/naive"].time_s)
    assert rows["toy/parallel"]["reason"] == written.loc["toy/parallel"].reason


def test_ab_tells_figures_differences_and_control():
    document = valid(invoke("ab", "true", "true {x}", "-L", "x", "1,2", "--runs", "6", "--json").stdout, "ab")

    assert [group["parameters"] for group in document["groups"]] == [{"x": "1"}, {"x": "2"}]
    for group in document["groups"]:
        assert [len(command["times_s"]) for command in group["commands"]] == [6, 6]
        assert group["differences"][0]["time"]["value"] > 0 and group["control"]["value"] > 0


def test_a_folder_whose_name_is_not_utf8_is_valid_json(tmp_path):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    folder.mkdir()
    make_project(folder)

    done = harness("doctor", "--json", "--config", str(folder / "config.yaml"))

    assert Path(valid(done.stdout, "doctor")["folders"]["builds"]) == folder / "build"


@pytest.mark.parametrize("command", ["report", "compare"])
def test_json_and_markdown_together_are_bad_usage(command, finished_run):
    run = str(finished_run.folder)

    done = invoke(command, run, *([run] if command == "compare" else []), "--json", "--markdown")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "harness: --json, --markdown: expected one of the two, found both\n"
