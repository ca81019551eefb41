"""Test loops.json of a run's folder."""

from __future__ import annotations

import json

import pytest

from harness.model.errors import UsageError
from harness.model.inner_loop import RunLoops
from harness.store.loops_file import FILE, read_loops, write_loops
from tests.inner_loops import inner_loop


def test_loops_are_read_as_they_were_written(tmp_path):
    loops = RunLoops((inner_loop("c/naive"), inner_loop()), {"c/engine": "this CPU has no amx_int8"})

    write_loops(tmp_path, loops)

    assert read_loops(tmp_path) == loops
    assert read_loops(tmp_path).of("c/packed") == inner_loop() and loops.of("c/engine") is None


def test_run_without_loops_has_none(tmp_path):
    assert read_loops(tmp_path) == RunLoops()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda values: values.pop("loops"), None),
        (lambda values: values.update(format=2), "format: expected 1, found 2"),
        (lambda values: values["loops"][0].pop("content"), "loops.0.content: this key is missing"),
    ],
)
def test_damaged_file_is_one_sentence(tmp_path, change, expected):
    write_loops(tmp_path, RunLoops((inner_loop(),)))
    values = json.loads((tmp_path / FILE).read_text())
    change(values)
    (tmp_path / FILE).write_text(json.dumps(values))

    if expected is None:  # the key has a default
        assert read_loops(tmp_path) == RunLoops()
        return
    with pytest.raises(UsageError, match=expected):
        read_loops(tmp_path)


def test_file_that_is_no_json_is_one_sentence(tmp_path):
    (tmp_path / FILE).write_text("{")

    with pytest.raises(UsageError, match="not valid JSON; remove it"):
        read_loops(tmp_path)
