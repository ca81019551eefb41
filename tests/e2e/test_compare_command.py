"""Test the command `compare` on two stored runs, of which the later is twice as slow."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from tests.command import harness
from tests.toy import make_project


def without_noise(samples: str, slowdown: float) -> str:
    """Return the samples of a run with times free of noise, multiplied by the slowdown."""
    lines = []
    for sample in map(json.loads, samples.splitlines()):
        ns = int(slowdown * (sample["rows"] * 150_000 + sample["launch"] % 7 * 10_000 + sample["rep"] * 1000))
        wall_ns = sample["reps"] * ns + 50_000_000
        lines.append(json.dumps(sample | {"ns": ns, "launch_wall_ns": wall_ns, "launch_cpu_ns": wall_ns}))
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """Return a project with the runs `before` and `after`."""
    project = make_project(tmp_path_factory.mktemp("compare"))
    assert harness("run-all", "--config", str(project / "config.yaml"), "--rounds", "20").returncode == 0
    measured = (project / "reports" / "latest").resolve()
    for name, slowdown in (("before", 1), ("after", 2)):
        run = measured.with_name(name)
        run.mkdir()
        (run / "run.json").write_text((measured / "run.json").read_text().replace(measured.name, name))
        (run / "samples.jsonl").write_text(without_noise((measured / "samples.jsonl").read_text(), slowdown))
    return project


def compare(project: Path, *words: str):
    runs = [str(project / "reports" / word) if word in ("before", "after") else word for word in words]
    return harness("compare", *runs, "--config", str(project / "config.yaml"))


def test_regression_is_exit_status_3_where_asked_for(project):
    done = compare(project, "before", "after", "--fail-on-regression", "20")

    assert done.returncode == 3, done.stdout + done.stderr
    assert "toy/naive  slower" in done.stdout and "Slower by more than 20%: toy/naive" in done.stdout
    assert (project / "reports" / "compare.html").exists()


def test_regression_is_exit_status_0_unless_asked_for(project):
    assert compare(project, "before", "after").returncode == 0


def test_run_compared_with_itself_has_no_regression(project):
    assert compare(project, "before", "before", "--fail-on-regression", "0").returncode == 0


def test_single_run_is_bad_usage(project):
    done = compare(project, "before")

    assert done.returncode == 2 and "expected two runs or more" in done.stderr


def test_json_tells_verdict_ratio_and_what_failed_the_threshold(project):
    done = compare(project, "before", "after", "--fail-on-regression", "20", "--json")

    assert done.returncode == 3
    document = json.loads(done.stdout)
    jsonschema.validate(document, json.loads(harness("schema", "compare").stdout))
    assert (document["percent"], document["slower"]) == (20, ["toy/naive"])
    [change] = document["comparisons"][0]["changes"]
    assert change["verdict"] == "slower" and change["ratio"]["value"] == pytest.approx(2, rel=0.01)
    assert document["page"] == str(project / "reports" / "compare.html")


def test_markdown_is_a_table_and_what_failed_the_threshold(project):
    done = compare(project, "before", "after", "--fail-on-regression", "20", "--markdown")

    assert done.returncode == 3
    assert done.stdout.startswith("**after compared with before**\n")
    assert "| `toy/naive` | **slower** |" in done.stdout
    assert done.stdout.endswith("**Slower by more than 20%: toy/naive**\n")
