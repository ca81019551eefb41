"""Test what is kept of a collection, so that another call goes on with it."""

from __future__ import annotations

import pytest

from harness.hosts.campaign import State, open_campaign
from harness.model.errors import UsageError


def test_a_later_call_knows_the_job_and_the_hosts(tmp_path):
    first = open_campaign(tmp_path / "out", ["--quick"])
    first.update("a", state=State.CHECKED, run="x")
    first.update("b", state=State.RUNNING)

    second = open_campaign(tmp_path / "out", ["--quick"])

    assert second.job == first.job and second.hosts["a"].state == State.CHECKED
    assert first.unfinished == ["b"]


def test_other_options_are_refused(tmp_path):
    open_campaign(tmp_path / "out", ["--quick"])

    with pytest.raises(UsageError, match="was begun with other options of run-all: --quick"):
        open_campaign(tmp_path / "out", ["--full"])


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "mine").write_text("")

    with pytest.raises(UsageError, match="holds other files"):
        open_campaign(tmp_path, [])


@pytest.mark.parametrize("text", ["", "{}", '{"hosts": {"a": {"state": "new"}}, "job": "x", "options": []}'])
def test_a_damaged_file_is_one_sentence(tmp_path, text):
    (tmp_path / "hosts.json").write_text(text)

    with pytest.raises(UsageError, match=r"hosts\.json: not the file that 'hosts run' writes"):
        open_campaign(tmp_path, [])
