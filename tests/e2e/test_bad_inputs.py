"""Wrong inputs: each is answered in sentences with exit status 2, names what is wrong, and changes no file."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests import bad_inputs
from tests.command import harness, invoke
from tests.toy_run import ToyRun

LOCALES = ("C", "de_DE.ISO-8859-1", "C.UTF-8")


def contents(folder: Path) -> dict[str, bytes]:
    """Return what lies in every file of a folder."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def assert_refused(done: subprocess.CompletedProcess[str], expected: str) -> None:
    """Fail unless a command has ended with status 2 and with sentences on standard error, one of which has the text."""
    assert done.returncode == 2, done.stderr
    assert expected in done.stderr
    assert done.stderr.strip() and "Traceback" not in done.stderr and "internal error" not in done.stderr


@pytest.mark.parametrize(("words", "expected"), bad_inputs.OPTIONS)
def test_option(finished_run, words, expected):
    given = [str(finished_run.folder) if word == "RUN" else word for word in words.split(" ")]
    config = (
        []
        if {"--config", "--resume"} & set(given) or given[0] in ("ab", "schema", "run")
        else ["--config", finished_run.config]
    )
    before = contents(finished_run.project)

    done = invoke(*given, *config)

    assert_refused(done, expected)
    assert contents(finished_run.project) == before


@pytest.mark.parametrize(("before", "after", "expected"), bad_inputs.CONFIG)
def test_config_yaml(project, before, after, expected):
    assert_file_refused(project, project / "config.yaml", before, after, expected)


@pytest.mark.parametrize(("before", "after", "expected"), bad_inputs.KERNEL)
def test_kernel_yaml(project, before, after, expected):
    assert_file_refused(project, project / "kernels" / "toy" / "kernel.yaml", before, after, expected)


def assert_file_refused(project: Path, path: Path, before: str, after: str, expected: str) -> None:
    """Fail unless a run is refused because of one change in a file, and leaves nothing."""
    text = path.read_text()
    assert text.count(before) == 1
    path.write_text(text.replace(before, after))
    given = contents(project)

    done = invoke("run-all", "--config", str(project / "config.yaml"))

    assert_refused(done, expected)
    assert str(path) in done.stderr or "no kernel matches" in done.stderr
    assert contents(project) == given


READERS = (
    ("report", "RUN"),
    ("export", "--format", "pyperf", "RUN"),
    ("compare", "RUN", "OTHER"),
    ("run-all", "--resume", "RUN"),
)
"""The commands that read a run's folder."""


def read_by(run: ToyRun, command: tuple[str, ...], other: ToyRun) -> subprocess.CompletedProcess[str]:
    """Read a run's folder with a command, and let it write no page elsewhere."""
    words = {"RUN": str(run.folder), "OTHER": str(other.folder)}
    given = [words.get(word, word) for word in command]
    return invoke(*given, *([] if "--resume" in given else ["--config", run.config]))


@pytest.mark.parametrize("command", READERS, ids=lambda command: command[0])
@pytest.mark.parametrize(
    "text", [text for _, text in bad_inputs.RUN_JSON], ids=[name for name, _ in bad_inputs.RUN_JSON]
)
def test_foreign_run_json(copied_run, finished_run, command, text):
    path = copied_run.folder / "run.json"
    path.write_text(text)
    before = contents(copied_run.project)

    done = read_by(copied_run, command, finished_run)

    assert_refused(done, f"{path}: ")
    assert contents(copied_run.project) == before


@pytest.mark.parametrize("part", range(20))
def test_run_json_cut_anywhere(copied_run, finished_run, part):
    path = copied_run.folder / "run.json"
    whole = path.read_bytes().rstrip()
    path.write_bytes(whole[: len(whole) * part // 20])
    before = contents(copied_run.project)

    for command in READERS:
        assert_refused(read_by(copied_run, command, finished_run), f"{path}: not valid JSON")
    assert contents(copied_run.project) == before


@pytest.mark.parametrize("part", range(20))
def test_samples_cut_anywhere(copied_run, finished_run, part):
    """What is left of a run is shown or refused; only a run that goes on may change its samples.

    Without a sample there is nothing to export, which is status 1 as for any run in which all kernels failed.
    """
    path = copied_run.folder / "samples.jsonl"
    whole = path.read_bytes()
    cut = whole[: len(whole) * part // 20 + part % 3]
    path.write_bytes(cut)

    for command in READERS[:-1]:
        done = read_by(copied_run, command, finished_run)

        assert done.returncode in (0, 1, 2) and "internal error" not in done.stderr, done.stderr
        assert done.returncode == 0 or done.stderr
        assert path.read_bytes() == cut


WRONG_VALUES = (None, "x", -1, 1e400, [], {}, True)
"""What stands in a sample in place of a value of the right type."""


@pytest.mark.parametrize("key", ["kernel", "launch", "rep", "purpose", "n", "rows", "ns", "sha256", "round", "system"])
def test_sample_with_a_wrong_value(copied_run, finished_run, key):
    path = copied_run.folder / "samples.jsonl"
    first, *others = path.read_text().splitlines(keepends=True)
    for wrong in WRONG_VALUES:
        sample = json.loads(first)
        if type(wrong) is type(sample[key]) and wrong != -1:
            continue
        path.write_text(json.dumps(sample | {key: wrong}) + "\n" + "".join(others))

        done = read_by(copied_run, READERS[0], finished_run)

        assert_refused(done, f"{path}: line 1: not a sample")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("after", ["n: größer", "größe: 64"])
def test_sentence_in_every_locale(project, locale, after):
    """The sentence comes out in a locale that cannot write its letters."""
    path = project / "config.yaml"
    path.write_text(path.read_text().replace("n: 64", after), encoding="utf-8")

    done = harness(
        "run-all", "--config", str(path), env={**os.environ, "LC_ALL": locale, "PYTHONUTF8": "0"}, errors="replace"
    )

    assert_refused(done, f"{path}: ")
