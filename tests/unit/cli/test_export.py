"""Test the command `export` on a stored run."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from harness.config.kernels import load_kernels
from harness.export import FORMATS
from harness.model.job import Failed, Stage
from harness.store.record import kernel_record
from tests import factories
from tests.command import invoke
from tests.toy import add_rung

STEADY_NS = [4_000_001, 4_000_003, 4_000_007, 4_000_005]


@pytest.fixture
def stored(project, config):
    """Return a run folder in which one kernel was measured and one failed."""
    add_rung(project, "interchange", "return c")
    store = factories.store(
        config.reports_dir,
        config=replace(config, baseline="toy/naive"),
        kernels=tuple(kernel_record(kernel) for kernel in load_kernels(project / "kernels")),
        failures={"toy/naive": Failed(Stage.CHECK, "values are wrong")},
    )
    for number, times_ns in enumerate(([9_000_000, *STEADY_NS[:2]], [8_000_000, *STEADY_NS[2:]])):
        store.append(factories.launch(times_ns, number, kernel="toy/interchange", threads=2))
    store.save()
    store.publish()
    return store


def export(project, *words):
    return invoke("export", "--config", str(project / "config.yaml"), *words)


@pytest.mark.parametrize("run", [None, "id", "path"])
def test_newest_run_is_exported_unless_one_is_named(project, stored, run):
    """A run is named by its id or its folder."""
    words = {None: [], "id": [stored.record.id], "path": [str(stored.folder)]}[run]

    done = export(project, *words, "--format", "hyperfine")

    assert (done.returncode, done.stderr) == (0, "")
    (result,) = json.loads(done.stdout)["results"]
    assert (result["command"], result["times"]) == ("toy/interchange/64", [ns / 1e9 for ns in STEADY_NS])


def test_out_replaces_a_file_with_what_stdout_would_have(project, stored, tmp_path):
    out = tmp_path / "out.json"
    out.write_text("from before")

    done = export(project, "--format", "google-benchmark", "--out", str(out))

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert out.read_text() == export(project, "--format", "google-benchmark").stdout
    assert "check: values are wrong" in out.read_text()


@pytest.mark.parametrize("out", ["no/such/folder.json", "."])
def test_unwritable_out_is_bad_usage(project, stored, tmp_path, out):
    path = tmp_path / out

    done = export(project, "--format", "bmf", "--out", str(path))

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"harness: {path}: cannot be written: ") and done.stderr.count("\n") == 1


def test_unknown_format_is_bad_usage_and_names_the_known_ones(project):
    done = export(project, "--format", "junit")

    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert all(f"'{name}'" in done.stderr for name in FORMATS)


def test_run_without_a_measurement_is_exit_status_1(project, stored):
    (stored.folder / "samples.jsonl").write_text("")

    done = export(project, "--format", "pyperf")

    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr == f"harness: {stored.folder}: no kernel of this run was measured, so there is nothing to export\n"
    )


def test_several_runs_are_a_history(project, stored):
    done = export(project, stored.record.id, str(stored.folder), "--format", "otava")

    head, *rows = done.stdout.splitlines()
    assert head.startswith("time,run,") and head.endswith(",toy/interchange/64") and len(rows) == 2


def test_several_runs_are_refused_by_other_formats(project, stored):
    done = export(project, stored.record.id, stored.record.id, "--format", "bmf")

    assert (done.returncode, done.stderr) == (2, "harness: --format bmf: expected one run, found 2\n")
