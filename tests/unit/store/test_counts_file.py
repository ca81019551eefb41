"""Test the file of a run's counts."""

from __future__ import annotations

import pytest

from harness.model.counts import Counts, RunCounts
from harness.model.errors import UsageError
from harness.store.counts_file import read_counts, write_counts
from tests import factories


def test_counts_are_read_as_they_were_written(tmp_path):
    counts = RunCounts((factories.counts("c/naive"), Counts("java/naive", "d", reason="it fails")), ("c/packed",), "")

    write_counts(tmp_path, counts)

    assert read_counts(tmp_path) == counts


def test_run_without_the_file_has_no_counts(tmp_path):
    assert read_counts(tmp_path) == RunCounts()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "not valid JSON"),
        ('{"format": 7}', "format: expected 1, found 7"),
        ('{"format": 1, "kernels": [{"kernel": 3}]}', "kernels.0.kernel"),
    ],
)
def test_damaged_file_is_named_in_one_sentence(tmp_path, text, sentence):
    (tmp_path / "counts.json").write_text(text)

    with pytest.raises(UsageError, match=r"counts\.json") as error:
        read_counts(tmp_path)

    assert sentence in str(error.value)
