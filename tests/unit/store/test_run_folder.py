"""The run folder: a kill at any moment leaves whole launches only."""

from __future__ import annotations

import json
import os
from dataclasses import asdict

import pytest

from harness.model.errors import UsageError
from harness.model.sample import Sample
from harness.store.run_folder import Store, find_run
from harness.util.files import write_atomic


def sample(launch: int, rep: int = 0) -> Sample:
    return Sample("x/naive", launch, rep, 2, "measure", 8, 8, 0, 1, 10, "", "", 1, 1, 0, 0, 0, 0)


def test_what_is_appended_is_there_when_opened_again(tmp_path):
    store = Store.create(tmp_path, {})
    store.append([sample(0, 0), sample(0, 1)])
    store.append([sample(store.next_launch())])
    again = Store.open(store.folder)
    assert again.samples("x/naive") == store.samples("x/naive")
    assert again.next_launch() == 1


def test_a_half_written_last_line_is_dropped_and_the_next_sample_starts_a_line(tmp_path):
    store = Store.create(tmp_path, {})
    store.append([sample(0), sample(1)])
    path = store.folder / "samples.jsonl"
    whole = path.read_bytes()
    for cut in range(len(whole.splitlines(True)[0]) + 1, len(whole)):
        path.write_bytes(whole[:cut])
        again = Store.open(store.folder)
        assert [s.launch for s in again.samples("x/naive")] == [0]
        again.append([sample(again.next_launch())])
        assert [json.loads(line)["launch"] for line in path.read_text().splitlines()] == [0, 1]


def test_a_line_that_is_no_sample_is_named(tmp_path):
    store = Store.create(tmp_path, {})
    (store.folder / "samples.jsonl").write_text(json.dumps(asdict(sample(0))) + "\n{}\n")
    with pytest.raises(UsageError, match=r"samples.jsonl: line 2: not a sample"):
        Store.open(store.folder)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "not valid JSON"),
        ('{"format": 99}', "format: expected 4, found 99"),
        ("[]", "format: expected 4"),
    ],
)
def test_a_run_json_of_another_kind_is_refused_in_a_sentence(tmp_path, text, expected):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(UsageError, match=expected):
        Store.open(tmp_path)


def test_a_full_disk_leaves_no_half_launch(tmp_path, monkeypatch):
    store = Store.create(tmp_path, {})
    store.append([sample(0)])
    before = (store.folder / "samples.jsonl").read_bytes()

    def full(fd):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        store.append([sample(1)])
    assert (store.folder / "samples.jsonl").read_bytes() == before
    assert len(store.samples("x/naive")) == 1


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "x"
    write_atomic(path, "before")

    def full(fd):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError):
        write_atomic(path, "after")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_latest_points_to_the_newest_run(tmp_path):
    Store.create(tmp_path, {}).publish()
    second = Store.create(tmp_path, {})
    second.publish()
    assert find_run(tmp_path, None) == second.folder.resolve()
    assert find_run(tmp_path, second.folder.name) == second.folder.resolve()
    assert find_run(tmp_path, str(second.folder)) == second.folder.resolve()


def test_a_run_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(UsageError, match="no run yet"):
        find_run(tmp_path, None)
    with pytest.raises(UsageError, match="nowhere: no run here"):
        find_run(tmp_path, "nowhere")


def test_a_reports_folder_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "reports").write_text("a file")
    with pytest.raises(UsageError, match="results cannot be written there"):
        Store.create(tmp_path / "reports", {})
