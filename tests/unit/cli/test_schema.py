"""Test the JSON schemas: they accept the files of the project and of a run, and reject wrong ones."""

from __future__ import annotations

import copy
import json
from dataclasses import asdict

import jsonschema
import pytest
import yaml

from harness.config.kernel_file import schema as kernel_schema
from harness.config.load import schema as config_schema
from harness.model.kernel import RUNGS
from harness.store.record import schema as run_schema
from harness.store.sample_log import schema as sample_schema
from harness.util.paths import ROOT
from tests import factories
from tests.command import invoke
from tests.toy import CONFIG, KERNEL

KERNEL_FILES = [path for folder in ("kernels", "more") for path in sorted((ROOT / folder).glob("*/kernel.yaml"))]

SCHEMAS = {"config": config_schema, "kernel": kernel_schema, "run": run_schema, "sample": sample_schema}


def errors(value, schema) -> list[str]:
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(value)]


@pytest.fixture
def run(tmp_path):
    """Return the run.json of a stored run, and a line of its samples.jsonl."""
    store = factories.store(tmp_path, kernels=(factories.kernel_record("x/naive", "int x;\n"),))
    store.append([factories.sample()])
    line = (store.folder / "samples.jsonl").read_text()
    return json.loads((store.folder / "run.json").read_text()), json.loads(line)


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_schema_is_printed_and_valid(name):
    done = invoke("schema", name)

    schema = json.loads(done.stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert (done.returncode, done.stderr, schema) == (0, "", SCHEMAS[name]())


@pytest.mark.parametrize(("name", "number"), [("config", 1), ("kernel", 1), ("run", 5), ("sample", 1)])
def test_each_schema_has_the_version_of_its_file(name, number):
    assert SCHEMAS[name]()["properties"]["format"]["const"] == number


def test_schema_of_kernel_yaml_is_the_default():
    assert json.loads(invoke("schema").stdout) == kernel_schema()


def test_unknown_schema_is_bad_usage_and_names_the_known_ones():
    done = invoke("schema", "reports")

    assert done.returncode == 2 and all(f"'{name}'" in done.stderr for name in SCHEMAS)


def test_config_yaml_is_accepted():
    assert errors(yaml.safe_load((ROOT / "config.yaml").read_text()), config_schema()) == []


@pytest.mark.parametrize("path", KERNEL_FILES, ids=lambda path: path.parent.name)
def test_kernel_yaml_of_the_project_is_accepted(path):
    assert errors(yaml.safe_load(path.read_text()), kernel_schema()) == []


def test_run_json_and_samples_are_accepted(run):
    record, line = run

    assert (errors(record, run_schema()), errors(line, sample_schema())) == ([], [])
    assert line["format"] == 1


def test_sample_of_an_older_folder_is_accepted():
    """Lines had no version at first."""
    assert errors(json.loads(json.dumps(asdict(factories.sample()))), sample_schema()) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("n: 64\n", ""),
        ("n: 64\n", "n: big\n"),
        ("seed: 1", "sead: 1"),
        ("pages: as-is", "pages: 2m"),
        ("n: 64\n", "n: 0\n"),
    ],
)
def test_wrong_config_yaml_is_rejected(before, after):
    assert before in CONFIG

    assert errors(yaml.safe_load(CONFIG.replace(before, after, 1)), config_schema())


@pytest.mark.parametrize(("before", "after"), [("name:", "nome:"), ("  naive:", "  fast:"), ("{source:", "{sauce:")])
def test_wrong_kernel_yaml_is_rejected(before, after):
    assert before in KERNEL and "fast" not in RUNGS

    assert errors(yaml.safe_load(KERNEL.replace(before, after, 1)), kernel_schema())


@pytest.mark.parametrize("key", ["format", "host", "config"])
def test_run_json_without_a_key_is_rejected(run, key):
    record = copy.deepcopy(run[0])
    del record[key]

    assert errors(record, run_schema())


@pytest.mark.parametrize(
    "change", [{"ns": "fast"}, {"purpose": "fun"}, {"turn": 1}, {"format": 2}, {"system": {"x": 1}}]
)
def test_wrong_sample_is_rejected(run, change):
    assert errors(run[1] | change, sample_schema())


@pytest.mark.parametrize("file", ["config.yaml", "kernels/toy/kernel.yaml"])
@pytest.mark.parametrize(
    ("number", "status", "message"),
    [
        (1, 0, ""),
        (2, 2, "format: this version of the harness reads format 1 and older, found 2; use the version"),
        (0, 2, "format: input should be 1, found 0"),
    ],
)
def test_file_of_a_newer_format_is_one_sentence(project, file, number, status, message):
    path = project / file
    path.write_text(path.read_text() + f"format: {number}\n" + ("newer: key\n" if number == 2 else ""))

    done = invoke("list", "--config", str(project / "config.yaml"))

    assert (done.returncode, done.stderr.count("\n")) == (status, 1 if status else 0)
    assert (f"{path}: {message}" if status else "") in done.stderr
