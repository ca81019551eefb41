"""Test the run folder: a process killed at any moment leaves whole launches only."""

from __future__ import annotations

import json
import os
from dataclasses import asdict

import pytest

from harness.model.errors import UsageError
from harness.model.sample import Sample
from harness.store.run_folder import Store, find_run
from tests import factories


def sample(number: int, rep: int = 0) -> Sample:
    return factories.sample(launch=number, rep=rep, reps=2)


def full_disk(fd: int) -> None:
    raise OSError(28, "No space left on device")


def test_appended_samples_are_there_when_opened_again(tmp_path):
    store = factories.store(tmp_path)
    store.append([sample(0, 0), sample(0, 1)])
    store.append([sample(store.next_launch())])

    again = Store.open(store.folder)

    assert again.samples("x/naive") == store.samples("x/naive")
    assert again.next_launch() == 1


def test_half_written_last_line_is_dropped(tmp_path):
    """Wherever the last line ends, it is dropped, and the next sample begins a line."""
    store = factories.store(tmp_path)
    store.append([sample(0), sample(1)])
    path = store.folder / "samples.jsonl"
    whole = path.read_bytes()
    for cut in range(len(whole.splitlines(True)[0]) + 1, len(whole)):
        path.write_bytes(whole[:cut])

        again = Store.open(store.folder)

        assert [s.launch for s in again.samples("x/naive")] == [0]
        assert path.read_bytes() == whole[:cut], "a reader must not change the file of a run that is under way"
        again.append([sample(again.next_launch())])
        assert [json.loads(line)["launch"] for line in path.read_text().splitlines()] == [0, 1]


def test_line_that_is_no_sample_is_named(tmp_path):
    store = factories.store(tmp_path)
    (store.folder / "samples.jsonl").write_text(json.dumps(asdict(sample(0))) + "\n{}\n")

    with pytest.raises(UsageError, match=r"samples.jsonl: line 2: not a sample"):
        Store.open(store.folder)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "not valid JSON"),
        ('{"format": 99}', "format: expected 5, found 99"),
        ("[]", "format: expected 5"),
    ],
)
def test_run_json_of_another_format_is_refused(tmp_path, text, expected):
    (tmp_path / "run.json").write_text(text)

    with pytest.raises(UsageError, match=expected):
        Store.open(tmp_path)


def test_full_disk_leaves_no_part_of_a_launch(tmp_path, monkeypatch):
    store = factories.store(tmp_path)
    store.append([sample(0)])
    before = (store.folder / "samples.jsonl").read_bytes()
    monkeypatch.setattr(os, "fsync", full_disk)

    with pytest.raises(OSError, match="No space left"):
        store.append([sample(1)])

    assert (store.folder / "samples.jsonl").read_bytes() == before
    assert len(store.samples("x/naive")) == 1


def test_latest_points_to_the_newest_run(tmp_path):
    factories.store(tmp_path).publish()
    second = factories.store(tmp_path)

    second.publish()

    assert find_run(tmp_path, None) == second.folder.resolve()


def test_run_is_found_by_its_id_and_by_its_path(tmp_path):
    store = factories.store(tmp_path)

    assert find_run(tmp_path, store.folder.name) == store.folder.resolve()
    assert find_run(tmp_path, str(store.folder)) == store.folder.resolve()


@pytest.mark.parametrize(("name", "expected"), [(None, "no run yet"), ("nowhere", "nowhere: no run here")])
def test_missing_run_is_bad_usage(tmp_path, name, expected):
    with pytest.raises(UsageError, match=expected):
        find_run(tmp_path, name)


def test_unwritable_reports_folder_is_bad_usage(tmp_path):
    (tmp_path / "reports").write_text("a file")

    with pytest.raises(UsageError, match="results cannot be written there"):
        factories.store(tmp_path / "reports")


def test_without_a_link_the_newest_run_is_found_by_its_name(tmp_path):
    for name in ("20260101T000000Z-aaaa", "20260201T000000Z-bbbb", "latest"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").touch()

    assert find_run(tmp_path, None).name == "20260201T000000Z-bbbb"


def test_link_to_the_newest_run_does_not_replace_a_folder(tmp_path):
    store = factories.store(tmp_path)
    (store.folder.parent / "latest").mkdir()
    (store.folder.parent / "latest" / "file").touch()

    assert "latest cannot be a link to this run" in store.publish()


def test_sample_without_a_format_is_read(tmp_path):
    """Folders of the version before have lines without one."""
    store = factories.store(tmp_path)
    (store.folder / "samples.jsonl").write_text(json.dumps(asdict(sample(0))) + "\n")

    assert Store.open(store.folder).samples("x/naive") == [sample(0)]


def test_sample_of_a_newer_format_is_refused_in_one_sentence(tmp_path):
    store = factories.store(tmp_path)
    (store.folder / "samples.jsonl").write_text(json.dumps(asdict(sample(0)) | {"format": 2, "newer": 1}) + "\n")

    with pytest.raises(UsageError, match=r"line 1: .*: format: expected 1, found 2; use the version that made"):
        Store.open(store.folder)
